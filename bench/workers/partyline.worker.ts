import { serve } from 'partyline/worker'
import type { FeedEvent } from '../pages/contender'
import { retry } from '../pages/pace'

const switchboard = serve({
  rooms: {} as Record<string, FeedEvent>,
  panels: { feed: (room: string) => [room] },
  retry,
})
export type Dashboard = typeof switchboard
