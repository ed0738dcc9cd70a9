import { FAULT_CHANNEL, type WorkerFault } from '../../worker/faults.ts'

/** Breaks the worker, which listens on the same channel. */
export function breakWorker(fault: WorkerFault): void {
  const channel = new BroadcastChannel(FAULT_CHANNEL)
  channel.postMessage(fault)
  channel.close()
}
