import { type Counter, type Happening, noCounts, type Snapshot, type TimelineEntry } from '../shared/snapshot'
import { now } from './clock'
import type { LineStatus } from './link/dialer'

/** How many entries the timeline keeps. */
const ENTRIES = 200
/** The longest text in an entry, and the longest list. */
const LONGEST = 300
/** How many outages are remembered. */
const OUTAGES = 50
/** How many round trips are remembered. */
const ROUND_TRIPS = 60

interface Outage {
  readonly at: number
  readonly reason: string
  readonly hungUp?: 'paused' | 'idle'
  for?: number
  recovered?: boolean
}

export interface Recorder {
  count(what: Counter, by?: number): void
  note(happening: Happening, at?: number): void
  /** The line's status is another: notes the state it turned to and why, and once each attempt that failed in it. */
  turned(status: Pick<LineStatus, 'state' | 'attempt' | 'error'>): void
  /** The version endpoint was asked: notes what differs from the last answer, and the first answer of an outage. */
  polled(answer: { readonly version: string } | { readonly error: string }): NonNullable<Snapshot['version']>
  /** The link is up. */
  up(recovered: boolean): void
  /** The link was lost for this reason, or hung up on purpose. */
  down(reason: string, hungUp?: Outage['hungUp']): void
  roundTrip(ms: number): void
  counters(): Snapshot['counters']
  timeline(): Snapshot['timeline']
  link(): Snapshot['link']
}

/** Counters, and the last things that happened with their wall-clock times. Cheap enough to be always on. */
export function createRecorder(): Recorder {
  const counters = noCounts()
  const timeline: TimelineEntry[] = []
  const outages: Outage[] = []
  const roundTrips: { at: number; ms: number }[] = []
  let upSince: number | undefined
  let downtime = 0
  /** The state that was noted last; `idle`: hung up, because nobody is left. */
  let noted: string | undefined
  let last: Pick<LineStatus, 'attempt' | 'error'> = { attempt: 0 }
  /** What the version endpoint said last; `null` before the first answer. */
  let answer: string | undefined | null = null
  let isFirstOfOutage = true

  /** Adds to a list that keeps its last `most`. Texts are cut: they come from the server, from pages and from the app. */
  function keep<T>(list: T[], entry: T, most: number) {
    const cut = (_: string, part: unknown) =>
      typeof part === 'string' || Array.isArray(part) ? part.slice(0, LONGEST) : part
    list.push(JSON.parse(JSON.stringify(entry, cut)))
    if (list.length <= most) return
    list.shift()
    counters.unrecorded += 1
  }

  const note = (happening: Happening, at = now()) => keep(timeline, { at, ...happening }, ENTRIES)

  return {
    count(what, by = 1) {
      counters[what] += by
    },
    note,
    turned(status) {
      const { state, attempt, error } = status
      const { attempt: tried, error: known } = last
      const to = state === 'connecting' && attempt === 0 ? 'idle' : state
      last = status
      // A line that was refused is offline while it asks again: whether it is, the answer says.
      if (to === 'offline' && error === known) return
      if (to !== noted) note({ what: 'state-changed', state: to, ...(error && { reason: error.message }) })
      else if (error && error !== known)
        note({ what: 'attempt-failed', attempt: tried, reason: error.message })
      noted = to
    },
    polled(said) {
      const look: NonNullable<Snapshot['version']> = { at: now(), ...said }
      const { version } = look
      const isDown = upSince === undefined
      // Why it fails may be another at each poll, and that it does is what matters.
      if (answer !== version || (isDown && isFirstOfOutage)) {
        if ('version' in said) note({ what: 'version-read', version: said.version }, look.at)
        else note({ what: 'version-unavailable', reason: said.error }, look.at)
      }
      answer = version
      if (isDown) isFirstOfOutage = false
      return look
    },
    up(recovered) {
      counters.connects += 1
      upSince = now()
      const last = outages.at(-1)
      if (!last || last.for !== undefined) return
      last.for = upSince - last.at
      last.recovered = recovered
      downtime += last.for
    },
    down(reason, hungUp) {
      counters.drops += 1
      upSince = undefined
      isFirstOfOutage = true
      keep(outages, { at: now(), reason, ...(hungUp && { hungUp }) }, OUTAGES)
    },
    roundTrip: (ms) => keep(roundTrips, { at: now(), ms: Math.round(ms) }, ROUND_TRIPS),
    counters: () => ({ ...counters }),
    timeline: () => [...timeline],
    link: () => ({
      ...(upSince !== undefined && { upSince }),
      downtime,
      outages: outages.map((outage) => ({ ...outage })),
      roundTrips: [...roundTrips],
    }),
  }
}
