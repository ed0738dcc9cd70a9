/** Plausible numbers for the demo: the same for the same seed. */

export interface Stats {
  readonly rps: number
  readonly p95: number
  readonly cpu: number
  readonly errors: number
  readonly features: number
  readonly bugs: number
}
export interface Activity {
  readonly who: string
  readonly what: string
}
export interface ErrorRow {
  readonly level: 'error' | 'warning'
  readonly service: string
  readonly message: string
}
export interface TmuxLine {
  readonly pane: string
  readonly line: string
}
export interface Job {
  readonly id: number
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done'
  readonly waitMs: number
}
export interface Node {
  readonly name: string
  readonly cpu: number
  readonly memory: number
}
export interface WorkflowState {
  readonly step: number
  readonly steps: number
  readonly doing: string
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const PEOPLE = ['Ada', 'Grace', 'Linus', 'Margaret', 'Dennis', 'Barbara']
const DEEDS = [
  'deployed api',
  'rolled back web',
  'merged a fix',
  'scaled workers to 12',
  'closed an incident',
]
const SERVICES = ['api', 'web', 'billing', 'search', 'mailer']
const MESSAGES = [
  'upstream timed out',
  'connection reset by peer',
  'lock wait exceeded',
  'disk at 91 %',
  'retry budget spent',
]
const JOBS = ['send invoices', 'rebuild index', 'resize images', 'sync contacts', 'vacuum tables']
const LINES = [
  'GET /api/orders 200 12ms',
  'worker 3: picked up job',
  'cache miss: user:1837',
  'flushed 48 rows',
  'healthcheck ok',
]
const STEPS = ['plan', 'build', 'test', 'review', 'document', 'ship']

export function createFeed(seed: number) {
  const random = seeded(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const drift = (value: number, by: number, least: number, most: number) =>
    Math.min(most, Math.max(least, value + (random() - 0.5) * by))
  let stats: Stats = { rps: 420, p95: 180, cpu: 46, errors: 3, features: 14, bugs: 22 }
  let jobs = 100
  const nodes = new Map(
    ['atlas', 'borea', 'ceres', 'delos', 'erato'].map((name) => [name, 30 + random() * 40]),
  )
  const steps = new Map<string, number>()

  return {
    stats(): Stats {
      stats = {
        rps: Math.round(drift(stats.rps, 60, 120, 900)),
        p95: Math.round(drift(stats.p95, 30, 60, 600)),
        cpu: Math.round(drift(stats.cpu, 8, 5, 98)),
        errors: Math.round(drift(stats.errors, 3, 0, 25)),
        features: Math.round(drift(stats.features, 1.2, 5, 30)),
        bugs: Math.round(drift(stats.bugs, 1.6, 5, 60)),
      }
      return stats
    },
    activity: (): Activity => ({ who: pick(PEOPLE), what: pick(DEEDS) }),
    error: (): ErrorRow => ({
      level: random() < 0.6 ? 'error' : 'warning',
      service: pick(SERVICES),
      message: pick(MESSAGES),
    }),
    tmux: (): TmuxLine => ({ pane: pick(['0:api', '1:worker', '2:web']), line: pick(LINES) }),
    job(): Job {
      jobs += 1
      return {
        id: jobs,
        name: pick(JOBS),
        state: pick(['waiting', 'running', 'done']),
        waitMs: Math.round(random() * 4000),
      }
    },
    nodes(): Node[] {
      return [...nodes].map(([name, cpu]) => {
        const next = drift(cpu, 14, 3, 99)
        nodes.set(name, next)
        return { name, cpu: Math.round(next), memory: Math.round(40 + next / 3) }
      })
    },
    workflow(id: string): WorkflowState {
      const step = ((steps.get(id) ?? 0) % STEPS.length) + 1
      steps.set(id, step)
      return { step, steps: STEPS.length, doing: STEPS[step - 1] ?? '' }
    },
  }
}
