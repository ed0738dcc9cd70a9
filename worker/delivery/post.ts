import type { Gap } from '../../shared/status'
import type { Backlog } from './backlog'
import type { RoomEvent } from './event'

/** The events or the gap in one message to a tab. A message with neither has no events. */
export interface Post {
  readonly events: readonly RoomEvent[]
  readonly gap?: Gap
  /** The panel that the message opens: its events are those of this panel alone. */
  readonly opens?: string
}

/** The posts that empty a backlog. Its gaps come before its events. */
export const postsOf = ({ events, gaps }: Pick<Backlog, 'events' | 'gaps'>): readonly Post[] => [
  ...gaps.map((gap) => ({ events: [], gap })),
  ...(events.length > 0 ? [{ events }] : []),
]
