import { serve } from 'partyline/worker'
import type { Activity, ErrorRow, Job, Node, Stats, TmuxLine, WorkflowState } from '../server/feed.ts'

interface Rooms {
  stats: Stats
  activity: Activity
  errors: ErrorRow
  tmux: TmuxLine
  queue: Job
  nodes: Node[]
  secrets: never
  [adw: `adw-state/${string}`]: WorkflowState
}

const switchboard = serve({
  rooms: {} as Rooms,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    queue: ['queue', 'stats'],
    nodes: ['nodes'],
    features: ['stats'],
    bugs: ['stats'],
    vault: ['secrets', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
  },
  version: { url: '/api/deployment_version', every: 5000 },
  keepalive: { every: 5000, misses: 3 },
})
export type Dashboard = typeof switchboard
