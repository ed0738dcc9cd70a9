import { connect } from 'partyline'
import { readSettings, type Turn } from './settings'

/** The page of the runs: it subscribes to all rooms, and reports when they are live and when they are not. */

const { report } = readSettings()

const line = connect(
  (options) => new SharedWorker(`/worker.js${location.search}`, { ...options, type: 'module' }),
)
let last: Turn | undefined
function look() {
  const turn = line.status.state === 'online' && line.panel('all').state === 'live' ? 'live' : 'down'
  if (turn === last) return
  last = turn
  void fetch(report, { method: 'POST', mode: 'no-cors', body: turn })
}
line.subscribe('all', () => {})
line.on('status', look)
line.on('panels', look)
