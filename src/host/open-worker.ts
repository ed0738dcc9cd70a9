import type { Connect } from '../../shared/switchboard'
import { type End, sharedPage } from '../tab/shared-page'

/** A line's way to its worker. */
export interface Access {
  readonly worker: SharedWorker | Worker
  readonly port: MessagePort
  /** The line does not use the worker any more. With an `end`, no line of the page can. */
  leave(end?: End): void
}

/**
 * Opens a port to the worker of this name: to the dedicated one that runs in this page, or to one that `start` gives.
 * Calls `ended` when another line finds that the worker has ended. A dedicated worker is terminated with its last user.
 */
export function openWorker(
  name: string,
  start: () => SharedWorker | Worker,
  ended: (end: End) => void,
): Access {
  const { workers } = sharedPage()
  let running = workers.get(name)
  if (!running) {
    const worker = start()
    if ('port' in worker) return { worker, port: worker.port, leave: () => worker.port.close() }
    running = { worker, users: new Set() }
    workers.set(name, running)
  }
  const { worker, users } = running
  const { port1, port2 } = new MessageChannel()
  worker.postMessage({ type: 'connect' } satisfies Connect, [port2])
  users.add(ended)
  return {
    worker,
    port: port1,
    leave(end) {
      port1.close()
      users.delete(ended)
      if (!end && users.size > 0) return
      // Another line may have started the next one under this name already.
      if (workers.get(name) === running) workers.delete(name)
      if (end) for (const tell of users) tell(end)
      worker.terminate()
    },
  }
}
