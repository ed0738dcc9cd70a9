/** What a page hears over its own sockets. */
export interface WireEvents {
  readonly onState: (isOpen: boolean) => void
  readonly onUpdate: (room: string, data: unknown) => void
  readonly onDenied: (room: string) => void
}

/** The sockets of a page of its own. */
export interface Wire {
  join(room: string): void
  leave(room: string): void
}

/** `token` was fetched when the page was loaded. */
export type CreateWire = (token: string, events: WireEvents) => Wire
