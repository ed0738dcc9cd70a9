import { serve } from 'partyline/worker'

interface Rooms {
  stats: { cpu: number }
  errors: { message: string }
}

const switchboard = serve({
  rooms: {} as Rooms,
  panels: { overview: ['stats'], errors: ['errors', 'stats'] },
})
export type Dashboard = typeof switchboard
