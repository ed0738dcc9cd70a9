import { connect, type Line } from 'partyline'
import type { Dashboard } from '../workers/partyline.worker'

/** As where there is no SharedWorker: each tab has a worker, and one of these has the connection. */

let line: Line<Dashboard> | undefined

window.contender = {
  connect(rooms, onEvent) {
    line = connect<Dashboard>(
      (options) =>
        new Worker(new URL('../workers/partyline.worker.ts', import.meta.url), {
          ...options,
          type: 'module',
        }),
    )
    for (const room of rooms) line.subscribe(['feed', room], (event) => onEvent(event.data))
  },
  close: () => line?.close(),
}
