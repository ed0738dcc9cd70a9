/** What every way of sharing has to offer, so that they can be measured side by side. */
export interface Contender {
  /** Joins the rooms of the server this page came from, now and after every reconnect, and hands over each event. */
  connect(rooms: readonly string[], onEvent: (event: FeedEvent) => void): void
  close(): void
}

/** What the server's payloads carry: which run an event belongs to, its number in it, and when it was sent. */
export interface FeedEvent {
  readonly run: number
  readonly n: number
  readonly at: number
}

/** A payload as it is on the wire: an envelope of the default dialect. */
export interface Envelope {
  readonly room: string
  readonly data: FeedEvent
}

declare global {
  interface Window {
    contender: Contender
  }
}
