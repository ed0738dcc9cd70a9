import { serve } from 'partyline/worker'
import type { Rooms } from '../server/rooms.ts'
import { forwardConsole } from './console.ts'
import { allowFaults } from './faults.ts'

forwardConsole()

const switchboard = serve({
  rooms: {} as Rooms,
  socket: { query: { by: 'partyline' } },
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    queue: ['queue', 'stats'],
    nodes: ['nodes'],
    features: ['stats'],
    bugs: ['stats'],
    workflow: (id: string) => [`adw-state/${id}`],
    vault: ['vault'],
  },
  version: { url: '/api/deployment_version', every: 5000 },
  keepalive: { every: 5000, misses: 2 },
  token: () => fetch('/api/token/refresh', { method: 'POST', credentials: 'include' }),
})
export type Dashboard = typeof switchboard

allowFaults(() => self.close())
