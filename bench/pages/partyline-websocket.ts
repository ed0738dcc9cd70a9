import { connect, type Line } from 'partyline'
import type { Dashboard } from '../workers/partyline-websocket.worker'

let line: Line<Dashboard> | undefined

window.contender = {
  connect(rooms, onEvent) {
    line = connect<Dashboard>(
      (options) =>
        new SharedWorker(new URL('../workers/partyline-websocket.worker.ts', import.meta.url), {
          ...options,
          type: 'module',
        }),
    )
    for (const room of rooms) line.subscribe(['feed', room], (event) => onEvent(event.data))
  },
  close: () => line?.close(),
}
