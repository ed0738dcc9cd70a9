/** The rooms of the dashboard, what comes in each, and how often. The page knows these types too. */

/** What every event has: its own id, and when it happened. */
interface Happening {
  readonly id: string
  readonly at: number
}

export interface Stats extends Happening {
  readonly rps: number
  readonly p50: number
  readonly p95: number
  readonly cpu: number
  /** In percent of requests. */
  readonly failing: number
  readonly sessions: number
  readonly features: {
    readonly planned: number
    readonly building: number
    readonly review: number
    readonly shipped: number
  }
  readonly bugs: {
    readonly critical: number
    readonly major: number
    readonly minor: number
    readonly fixed: number
  }
}

export interface Activity extends Happening {
  readonly who: string
  readonly what: string
  readonly kind: 'deploy' | 'merge' | 'scale' | 'incident'
}

export interface ErrorRow extends Happening {
  readonly level: 'error' | 'warning'
  readonly service: string
  readonly message: string
  readonly trace: string
}

export interface TmuxLine extends Happening {
  readonly pane: 0 | 1 | 2
  readonly line: string
}

export interface JobChange {
  readonly job: number
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done'
  /** How long it has waited, or run, in ms. */
  readonly took: number
}
export interface QueueNews extends Happening {
  readonly waiting: number
  readonly running: number
  readonly perMinute: number
  readonly changes: readonly JobChange[]
}

export interface NodeLoad {
  readonly name: string
  readonly zone: string
  readonly cpu: number
  readonly memory: number
}
export interface NodesNews extends Happening {
  readonly nodes: readonly NodeLoad[]
}

export interface WorkflowState extends Happening {
  readonly step: number
  readonly steps: readonly string[]
  /** Of the whole, in percent. */
  readonly progress: number
  readonly doing: string
}

export interface Rooms {
  stats: Stats
  activity: Activity
  errors: ErrorRow
  tmux: TmuxLine
  queue: QueueNews
  nodes: NodesNews
  /** Nobody may join it, so that a denial can be seen. */
  vault: never
  [adw: `adw-state/${string}`]: WorkflowState
}

/** ms between two events of a room. */
export const PERIODS = {
  stats: 1000,
  activity: 2600,
  errors: 1900,
  tmux: 700,
  queue: 1500,
  nodes: 1300,
} as const
export const WORKFLOW_PERIOD = 2000

const WORKFLOW = /^adw-state\/([\w-]{1,40})$/

/** The workflow a room is about. */
export const workflowOf = (room: string): string | undefined => WORKFLOW.exec(room)?.[1]

/** ms between two events of a room; `undefined` where there is no such room. */
export function periodOf(room: string): number | undefined {
  if (Object.hasOwn(PERIODS, room)) return PERIODS[room as keyof typeof PERIODS]
  return workflowOf(room) === undefined ? undefined : WORKFLOW_PERIOD
}
