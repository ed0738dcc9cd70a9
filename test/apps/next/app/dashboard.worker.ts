import { serve } from 'partyline/worker'
import { overview } from './panels'
import type { Rooms } from './rooms'

const switchboard = serve({ rooms: {} as Rooms, panels: { overview } })
export type Dashboard = typeof switchboard
