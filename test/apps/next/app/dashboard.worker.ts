import { serve } from 'partyline/worker'

interface Rooms {
  stats: { n: number }
}

const switchboard = serve({ rooms: {} as Rooms, panels: { overview: ['stats'] } })
export type Dashboard = typeof switchboard
