import { connect } from 'partyline'
import 'partyline/inspector'
import type { Dashboard } from './dashboard.worker.js'

const show = (id: string, text: string) => {
  const output = document.getElementById(id)
  if (output) output.textContent = text
}

const line = connect<Dashboard>(
  (options) =>
    new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }),
)
line.on('status', ({ state }) => show('state', state))
line.on('gap', ({ rooms }) => console.error('gap', rooms))
line.subscribe('overview', ({ data }) => show('value', `${data.n}`))

const inspector = document.createElement('partyline-inspector')
inspector.line = line
document.body.append(inspector)
Object.assign(window, { line })
