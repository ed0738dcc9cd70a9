import type { Rooms, Sends } from '../server/rooms.ts'

/** What the worker files of both kinds of servers have in common. */
export const DASHBOARD = {
  rooms: {} as Rooms,
  sends: {} as Sends,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    queue: ['queue', 'stats'],
    nodes: ['nodes'],
    features: ['stats'],
    bugs: ['stats'],
    workflow: (id: string) => [`adw-state/${id}`] as const,
    vault: ['vault'],
    // For the bell.
    alarms: ['errors'],
  },
  version: { url: '/api/deployment_version', every: 5000 },
  keepalive: { every: 5000, misses: 2 },
  token: () => fetch('/api/token/refresh', { method: 'POST', credentials: 'include' }),
} as const
