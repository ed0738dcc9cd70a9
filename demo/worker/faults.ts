/** The faults of the worker that the fault panel can cause. */
export type WorkerFault = { readonly type: 'kill' } | { readonly type: 'hang'; readonly seconds: number }

export const FAULT_CHANNEL = 'partyline-demo/faults'

/** Lets the pages break this worker: a page cannot end a shared worker itself. */
export function allowFaults(close: () => void): void {
  new BroadcastChannel(FAULT_CHANNEL).onmessage = ({ data }: MessageEvent<WorkerFault>) => {
    if (data.type === 'kill') return close()
    const end = Date.now() + data.seconds * 1000
    while (Date.now() < end);
  }
}
