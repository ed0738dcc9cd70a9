import { serve } from 'partyline/worker'

interface Rooms {
  stats: { cpu: number }
  errors: { message: string }
}

interface Sends {
  'alarm:ack': (payload: { id: number }) => { by: string }
}

const switchboard = serve({
  rooms: {} as Rooms,
  panels: { overview: ['stats'], errors: ['errors', 'stats'] },
  sends: {} as Sends,
})
export type Dashboard = typeof switchboard
