import { proxy, wrap } from 'comlink'
import type { Feed } from '../workers/naive-comlink.worker'

const worker = new SharedWorker(new URL('../workers/naive-comlink.worker.ts', import.meta.url), {
  type: 'module',
})
const feed = wrap<Feed>(worker.port)

window.contender = {
  connect: (rooms, onEvent) => void feed.subscribe([...rooms], proxy(onEvent)),
  close: () => worker.port.close(),
}
