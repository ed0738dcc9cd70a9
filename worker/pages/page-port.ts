import type { Remote } from 'comlink'
import { PartylineError } from '../../shared/errors'
import type { ToTab, ToWorker } from '../../shared/wire'

/** The way to a page and back, for everything but calls. */
export interface PagePort {
  post(message: ToTab): void
  /** Sets the listener for the page's messages. A later one replaces it. */
  listen(listener: (message: unknown) => void): void
  close(): void
}

/** What came with a hello as a port: a `MessagePort`, or a function as a `Comlink.proxy`. */
export function pagePort(delivery: unknown): PagePort {
  if (delivery instanceof MessagePort) {
    return {
      post: (message) => delivery.postMessage(message),
      listen(listener) {
        delivery.onmessage = ({ data }) => listener(data)
      },
      close: () => delivery.close(),
    }
  }
  // A posted value is never a function, so this is the proxy that Comlink made.
  if (typeof delivery !== 'function')
    throw new PartylineError(
      'bad-argument',
      'hello takes a MessagePort or a Comlink.proxy of a function second.',
    )
  const page = delivery as Remote<(message: ToTab) => void>
  let heard = (_: ToWorker) => {}
  return {
    // The mailbox keeps this port, and with it the proxy, until it needs neither; Comlink then closes the proxy's port.
    post(message) {
      // Throws if the message cannot be posted. Comlink would reject later.
      structuredClone(message)
      // A proxy has answered a message once its call settles.
      const took = () => {
        heard({ type: 'took', count: 1 })
        if (message.type === 'one') heard({ type: 'one', call: message.call, did: 'handled' })
      }
      page(message).then(took, took)
    },
    listen(listener) {
      heard = listener
    },
    close() {},
  }
}
