import type { Envelope } from './contender'

let worker: SharedWorker | undefined

window.contender = {
  connect(rooms, onEvent) {
    worker = new SharedWorker(new URL('../workers/floor.worker.ts', import.meta.url), { type: 'module' })
    worker.port.onmessage = ({ data }: MessageEvent<string>) => {
      for (const { data: event } of JSON.parse(data) as Envelope[]) onEvent(event)
    }
    worker.port.postMessage(rooms)
  },
  close: () => worker?.port.close(),
}
