/**
 * A shared worker that can begin anew as WebKit has it: without a sign to the pages, with a fresh global on the same ports. This file
 * only holds the ports. The tests' dashboard is served by a dedicated worker (`rerun-inside.worker.ts`) of a page (`rerun.ts`), which
 * connects first: Chromium has no workers inside shared ones. Each dedicated worker gets a port for each port that is held here.
 */

let page: MessagePort | undefined
const ports: MessagePort[] = []

function give(port: MessagePort) {
  const { port1, port2 } = new MessageChannel()
  port.onmessage = ({ data, ports }) => port1.postMessage(data, [...ports])
  port1.onmessage = ({ data, ports }) => port.postMessage(data, [...ports])
  page?.postMessage('connect', [port2])
}

self.addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports as [MessagePort]
  if (page) {
    ports.push(port)
    give(port)
    return
  }
  page = port
  port.onmessage = () => {
    for (const each of ports) give(each)
    // Every port was given before this answer.
    port.postMessage('given')
  }
})
