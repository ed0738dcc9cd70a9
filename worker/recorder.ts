import { type Counter, type Happening, noCounts, type Snapshot, type TimelineEntry } from '../shared/snapshot'
import { now } from './clock'
import type { ConnectionStatus } from './link/dialer'

/** The most entries of the timeline. */
const ENTRIES = 200
/** The longest text in an entry, and the longest list in it. */
const LONGEST = 300
/** The most outages. */
const OUTAGES = 50
/** The most round trips. */
const ROUND_TRIPS = 60

interface Outage {
  readonly at: number
  readonly reason: string
  readonly hungUp?: 'paused' | 'idle'
  for?: number
  recovered?: boolean
}

/** The counters, and the latest happenings with their times. Cheap enough to run always. */
export interface Recorder {
  count(what: Counter, by?: number): void
  note(happening: Happening, at?: number): void
  /** The status has changed: notes a new state with its reason, and each failed attempt once. */
  turned(status: Pick<ConnectionStatus, 'state' | 'attempt' | 'error'>): void
  /** The version endpoint answered: notes an answer that differs from the last one, and the first answer of an outage. */
  polled(answer: { readonly version: string } | { readonly error: string }): void
  /** The link is up. */
  up(recovered: boolean): void
  /** The link was lost for this reason, or, with `hungUp`, closed on purpose. */
  down(reason: string, hungUp?: Outage['hungUp']): void
  roundTrip(ms: number): void
  counters(): Snapshot['counters']
  timeline(): Snapshot['timeline']
  link(): Snapshot['link']
  /** What the version endpoint said last. */
  version(): Snapshot['version']
}

export function createRecorder(): Recorder {
  const counters = noCounts()
  const timeline: TimelineEntry[] = []
  const outages: Outage[] = []
  const roundTrips: { at: number; ms: number }[] = []
  let upSince: number | undefined
  let downtime = 0
  /** The state that was noted last; `idle`: closed because no tab is left. */
  let noted: string | undefined
  let last: Pick<ConnectionStatus, 'attempt' | 'error'> = { attempt: 0 }
  let lastLook: Snapshot['version']
  let isFirstOfOutage = true

  /** Adds an entry to a list of at most `most`. Texts are cut, because they come from the server, the pages and the app. */
  function append<T>(list: T[], entry: T, most: number) {
    const cut = (_: string, part: unknown) =>
      typeof part === 'string' || Array.isArray(part) ? part.slice(0, LONGEST) : part
    list.push(JSON.parse(JSON.stringify(entry, cut)))
    if (list.length <= most) return
    list.shift()
    counters.unrecorded += 1
  }

  const note = (happening: Happening, at = now()) => append(timeline, { at, ...happening }, ENTRIES)

  return {
    count(what, by = 1) {
      counters[what] += by
    },
    note,
    turned(status) {
      const { state, attempt, error } = status
      const { attempt: lastAttempt, error: lastError } = last
      const to = state === 'connecting' && attempt === 0 ? 'idle' : state
      last = status
      // A refused connection is `offline` while it tries again. That is noted only if the attempt fails for another reason.
      if (to === 'offline' && error === lastError) return
      if (to !== noted) note({ what: 'state-changed', state: to, ...(error && { reason: error.message }) })
      else if (error && error !== lastError)
        note({ what: 'attempt-failed', attempt: lastAttempt, reason: error.message })
      noted = to
    },
    polled(answer) {
      const look: NonNullable<Snapshot['version']> = { at: now(), ...answer }
      const { version } = look
      const isDown = upSince === undefined
      // A failure after a failure is not noted, even for another reason.
      if (!lastLook || lastLook.version !== version || (isDown && isFirstOfOutage)) {
        if ('version' in answer) note({ what: 'version-read', version: answer.version }, look.at)
        else note({ what: 'version-unavailable', reason: answer.error }, look.at)
      }
      if (isDown) isFirstOfOutage = false
      lastLook = look
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
      append(outages, { at: now(), reason, ...(hungUp && { hungUp }) }, OUTAGES)
    },
    roundTrip: (ms) => append(roundTrips, { at: now(), ms: Math.round(ms) }, ROUND_TRIPS),
    counters: () => ({ ...counters }),
    timeline: () => [...timeline],
    version: () => lastLook,
    link: () => ({
      ...(upSince !== undefined && { upSince }),
      downtime,
      outages: outages.map((outage) => ({ ...outage })),
      roundTrips: [...roundTrips],
    }),
  }
}
