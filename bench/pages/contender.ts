/** The interface of every contender, so that all can be measured in the same way. */
export interface Contender {
  /** Joins the rooms on this page's server, also after every reconnect, and calls `onEvent` for each event. */
  connect(rooms: readonly string[], onEvent: (event: FeedEvent) => void): void
  close(): void
}

/** The data of an event: the id of its run, its number in the run, and when it was sent. */
export interface FeedEvent {
  readonly run: number
  readonly n: number
  readonly at: number
}

/** A payload on the wire: an envelope of the default dialect. */
export interface Envelope {
  readonly room: string
  readonly data: FeedEvent
}

declare global {
  interface Window {
    contender: Contender
  }
}
