import type { Connect } from '../../shared/switchboard'
import { type EndReason, sharedPage } from '../tab/shared-page'

/** A line's port to its worker. */
export interface WorkerHandle {
  readonly worker: SharedWorker | Worker
  readonly port: MessagePort
  /** Closes the port. With a `reason` the worker has ended, and all other lines of the page are told. */
  leave(reason?: EndReason): void
}

/**
 * Opens a port to the worker of this name: to the dedicated worker that already runs in this page, or to the one that
 * `start` returns. Calls `ended` when another line finds that the worker has ended. A dedicated worker is terminated when
 * its last line leaves.
 */
export function openWorker(
  name: string,
  start: () => SharedWorker | Worker,
  ended: (reason: EndReason) => void,
): WorkerHandle {
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
    leave(reason) {
      port1.close()
      users.delete(ended)
      if (!reason && users.size > 0) return
      // Another line may have started the next worker of this name already.
      if (workers.get(name) === running) workers.delete(name)
      if (reason) for (const tell of users) tell(reason)
      worker.terminate()
    },
  }
}
