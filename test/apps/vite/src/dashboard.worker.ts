import { serve } from 'partyline/worker'
import { overview } from './panels.js'
import type { Rooms } from './rooms.js'

const switchboard = serve({ rooms: {} as Rooms, panels: { overview } })
export type Dashboard = typeof switchboard
