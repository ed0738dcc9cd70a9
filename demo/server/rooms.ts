/** The rooms of the dashboard, the events of each, and how often they come. The page uses these types too. */

/** The fields of every event. */
interface Base {
  readonly id: string
  readonly at: number
}

export interface Stats extends Base {
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

export interface Activity extends Base {
  readonly who: string
  readonly what: string
  readonly kind: 'deploy' | 'merge' | 'scale' | 'incident'
}

export interface ErrorRow extends Base {
  readonly level: 'error' | 'warning'
  readonly service: string
  readonly message: string
  readonly trace: string
  /** Absent until somebody has acknowledged it. Then it is sent again, as a later revision. */
  readonly acknowledged?: Acknowledgement
  readonly revision?: 1
}

/** What the server keeps of an acknowledged error, and answers to the page that acknowledged it. */
export interface Acknowledgement {
  /** The error's id. */
  readonly row: string
  readonly at: number
  /** The tab in which it was acknowledged: an id that each tab makes for itself. */
  readonly tab: string
}

export interface TmuxLine extends Base {
  readonly pane: 0 | 1 | 2
  readonly line: string
}

export interface JobChange {
  readonly job: number
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done'
  /** How long it waited or ran, in ms. */
  readonly took: number
}
export interface QueueUpdate extends Base {
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
export interface NodesUpdate extends Base {
  readonly nodes: readonly NodeLoad[]
}

export interface WorkflowState extends Base {
  readonly step: number
  readonly steps: readonly string[]
  /** In percent. */
  readonly progress: number
  readonly doing: string
}

export interface Rooms {
  stats: Stats
  activity: Activity
  errors: ErrorRow
  tmux: TmuxLine
  queue: QueueUpdate
  nodes: NodesUpdate
  /** Nobody may join it: an example of a denied room. */
  vault: never
  [adw: `adw-state/${string}`]: WorkflowState
}

/** What pages send, and what the server answers. */
export interface Sends {
  'errors:acknowledge': (payload: { readonly row: string; readonly tab: string }) => Acknowledgement
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

/** The id of the workflow that a room is about. */
export const workflowOf = (room: string): string | undefined => WORKFLOW.exec(room)?.[1]

/** ms between two events of a room; `undefined` if there is no such room. */
export function periodOf(room: string): number | undefined {
  if (Object.hasOwn(PERIODS, room)) return PERIODS[room as keyof typeof PERIODS]
  return workflowOf(room) === undefined ? undefined : WORKFLOW_PERIOD
}
