import { connect } from 'partyline'

const show = (id, text) => {
  document.getElementById(id).textContent = text
}

const line = connect(
  (options) =>
    new SharedWorker(new URL('./dashboard.worker.js', import.meta.url), { ...options, type: 'module' }),
)
line.on('status', ({ state }) => show('state', state))
line.on('gap', ({ rooms }) => console.error('gap', rooms))
line.subscribe('overview', ({ data }) => show('value', data.n))
Object.assign(window, { line })
