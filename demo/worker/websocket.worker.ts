import { serve } from 'partyline/worker/websocket'
import { forwardConsole } from './console.ts'
import { DASHBOARD } from './dashboard.ts'
import { allowFaults } from './faults.ts'

/** The dashboard on a server as FastAPI apps have it: a WebSocket endpoint per room, and the token in the query. */

forwardConsole()

serve({ ...DASHBOARD, endpoint: (room) => `/api/v1/ws/${room}`, sendTo: () => 'errors' })

allowFaults(() => self.close())
