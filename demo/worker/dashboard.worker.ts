import { serve } from 'partyline/worker'
import { forwardConsole } from './console.ts'
import { DASHBOARD } from './dashboard.ts'
import { allowFaults } from './faults.ts'

/** The dashboard on a Socket.IO server: one connection for all rooms. */

forwardConsole()

const switchboard = serve({ ...DASHBOARD, socket: { query: { by: 'partyline' } } })
export type Dashboard = typeof switchboard

allowFaults(() => self.close())
