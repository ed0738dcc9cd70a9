/** What the fault panel can do to the worker. */
export type Sabotage = { readonly type: 'kill' } | { readonly type: 'hang'; readonly seconds: number }

export const SABOTAGE = 'partyline-demo/sabotage'

/** Lets the page break this worker, which it could not do otherwise: what is shared belongs to no page. */
export function allowSabotage(close: () => void): void {
  new BroadcastChannel(SABOTAGE).onmessage = ({ data }: MessageEvent<Sabotage>) => {
    if (data.type === 'kill') return close()
    const end = Date.now() + data.seconds * 1000
    while (Date.now() < end);
  }
}
