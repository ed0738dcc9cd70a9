import { noise, pick, random } from './noise.ts'
import {
  type Activity,
  type ErrorRow,
  type JobChange,
  type NodesUpdate,
  PERIODS,
  periodOf,
  type QueueUpdate,
  type Stats,
  type TmuxLine,
  type WorkflowState,
  workflowOf,
} from './rooms.ts'

/**
 * The dashboard's events. They are a function of time only, so they also happen while the server is down, and every server
 * gives the same ones: a gap can be filled from any of them.
 */

const PEOPLE = ['Ada', 'Grace', 'Linus', 'Margaret', 'Dennis', 'Barbara', 'Edsger', 'Radia']
const SERVICES = ['api', 'web', 'billing', 'search', 'mailer', 'media']
const ACTIVITIES: readonly (readonly [Activity['kind'], string])[] = [
  ['deploy', 'deployed api 4.18.2'],
  ['deploy', 'rolled web back to 7.3.0'],
  ['merge', 'merged “Retry budget per tenant”'],
  ['merge', 'merged “Index orders by region”'],
  ['scale', 'scaled workers from 8 to 12'],
  ['scale', 'drained node ceres'],
  ['incident', 'closed incident 311'],
  ['incident', 'acknowledged a page: search latency'],
]
const ERRORS: readonly (readonly [ErrorRow['level'], string])[] = [
  ['error', 'upstream timed out after 10 s'],
  ['error', 'connection reset by peer'],
  ['error', 'lock wait timeout exceeded'],
  ['error', 'unexpected status 502 from payments'],
  ['warning', 'disk at 91 %'],
  ['warning', 'retry budget spent for tenant 84'],
  ['warning', 'slow query: 2.3 s'],
  ['warning', 'certificate expires in 6 days'],
]
const LINES: readonly (readonly string[])[] = [
  ['GET /orders 200 12 ms', 'POST /orders 201 48 ms', 'GET /users/83 304 3 ms', 'GET /search 200 96 ms'],
  ['picked up send-invoices', 'flushed 48 rows', 'cache miss user:1837', 'done in 1.2 s', 'heartbeat ok'],
  ['✓ checkout › pays by card', '✓ cart › keeps items', 'compiled in 318 ms', '✓ search › finds by sku'],
]
const JOBS = [
  'send invoices',
  'rebuild index',
  'resize images',
  'sync contacts',
  'vacuum tables',
  'export ledger',
]
const NODES: readonly (readonly [string, string])[] = [
  ['atlas', 'eu-1a'],
  ['borea', 'eu-1a'],
  ['ceres', 'eu-1b'],
  ['delos', 'eu-1b'],
  ['erato', 'eu-1c'],
  ['freya', 'eu-1c'],
]
const STEPS = ['plan', 'build', 'test', 'review', 'document', 'ship']
/** How many events a workflow has per step. */
const EVENTS_PER_STEP = 4
/** The most events that `between` returns. */
const HISTORY_LIMIT = 400
/** How old an error may be that a page asks for by its id, in ms: what a page keeps to send it later comes within an hour. */
const OLDEST_ROW = 2 * 3_600_000

const whole = (name: string, at: number, least: number, most: number) =>
  Math.round(noise(name, at, least, most))
const tenth = (name: string, at: number, least: number, most: number) =>
  Math.round(noise(name, at, least, most) * 10) / 10

function stats(id: string, at: number): Stats {
  const p50 = whole('p50', at, 22, 64)
  return {
    id,
    at,
    rps: whole('rps', at, 280, 940),
    p50,
    p95: p50 + whole('p95', at, 60, 260),
    cpu: whole('cpu', at, 18, 88),
    failing: tenth('failing', at, 0, 2.4),
    sessions: whole('sessions', at, 1180, 2350),
    features: {
      planned: whole('planned', at, 9, 21),
      building: whole('building', at, 3, 10),
      review: whole('review', at, 1, 7),
      shipped: 140 + Math.floor((at / 60_000) % 400),
    },
    bugs: {
      critical: whole('critical', at, 0, 4),
      major: whole('major', at, 4, 13),
      minor: whole('minor', at, 11, 34),
      fixed: 60 + Math.floor((at / 45_000) % 500),
    },
  }
}

function activity(id: string, at: number): Activity {
  const [kind, what] = pick(ACTIVITIES, 'activity', id)
  return { id, at, who: pick(PEOPLE, 'who', id), what, kind }
}

export function errorRow(id: string, at: number): ErrorRow {
  const [level, message] = pick(ERRORS, 'error', id)
  const trace = Math.floor(random('trace', id) * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
  return { id, at, level, service: pick(SERVICES, 'service', id), message, trace }
}

/** The error with this id; `undefined` if there was none, or if it is too old. */
export function findErrorRow(id: string): ErrorRow | undefined {
  const tick = /^errors:(\d{1,12})$/.exec(id)?.[1]
  const at = Number(tick) * PERIODS.errors
  return at <= Date.now() && at >= Date.now() - OLDEST_ROW ? errorRow(id, at) : undefined
}

function tmux(id: string, at: number): TmuxLine {
  const pane = Math.floor(random('pane', id) * 3) as TmuxLine['pane']
  return { id, at, pane, line: pick(LINES[pane] ?? [], 'line', id) }
}

function queue(id: string, at: number, tick: number): QueueUpdate {
  const change = (number: number, state: JobChange['state'], scale: number): JobChange => ({
    job: 1000 + (number % 9000),
    name: pick(JOBS, 'job', number),
    state,
    took: Math.round((0.2 + random(state, number)) * scale),
  })
  return {
    id,
    at,
    waiting: whole('waiting', at, 2, 38),
    running: whole('running', at, 3, 12),
    perMinute: whole('perMinute', at, 40, 90),
    changes: [change(tick, 'waiting', 0), change(tick - 3, 'running', 4000), change(tick - 8, 'done', 9000)],
  }
}

const nodes = (id: string, at: number): NodesUpdate => ({
  id,
  at,
  nodes: NODES.map(([name, zone]) => ({
    name,
    zone,
    cpu: whole(`cpu ${name}`, at, 4, 99),
    memory: whole(`memory ${name}`, at, 38, 86),
  })),
})

function workflow(id: string, at: number, tick: number, name: string): WorkflowState {
  const total = STEPS.length * EVENTS_PER_STEP
  const place = (tick + Math.floor(random('workflow', name) * total)) % total
  const step = Math.floor(place / EVENTS_PER_STEP)
  return {
    id,
    at,
    step,
    steps: STEPS,
    progress: Math.round(((place + 1) / total) * 100),
    doing: STEPS[step] ?? '',
  }
}

/** The `tick`-th event of a room. */
export function eventAt(room: string, tick: number, period: number) {
  const at = tick * period
  const id = `${room}:${tick}`
  switch (room) {
    case 'stats':
      return { type: 'stats', data: stats(id, at) }
    case 'activity':
      return { type: 'activity', data: activity(id, at) }
    case 'errors':
      return { type: 'error', data: errorRow(id, at) }
    case 'tmux':
      return { type: 'line', data: tmux(id, at) }
    case 'queue':
      return { type: 'jobs', data: queue(id, at, tick) }
    case 'nodes':
      return { type: 'nodes', data: nodes(id, at) }
    default:
      return { type: 'step', data: workflow(id, at, tick, workflowOf(room) ?? '') }
  }
}

/** The events of a room between two times, the oldest first. If there are too many, the latest of them. */
export function between(room: string, from: number, to: number) {
  const period = periodOf(room)
  if (period === undefined) return []
  const last = Math.floor(to / period)
  const first = Math.max(Math.ceil(from / period), last - HISTORY_LIMIT + 1)
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, index) => eventAt(room, first + index, period).data,
  )
}
