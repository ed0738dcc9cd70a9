import { serve } from 'partyline/worker/websocket'
import type { FeedEvent } from '../pages/contender'
import { retry } from '../pages/pace'

const switchboard = serve({
  rooms: {} as Record<string, FeedEvent>,
  url: '/raw',
  panels: { feed: (room: string) => [room] },
  retry,
})
export type Dashboard = typeof switchboard
