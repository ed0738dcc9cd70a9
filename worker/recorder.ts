import type { Counter, Snapshot } from '../src/protocol'

/** How many entries the timeline keeps. */
const ENTRIES = 200
/** How many outages are remembered. */
const OUTAGES = 50
/** How many round trips are remembered. */
const ROUND_TRIPS = 60

type Outage = { at: number; reason: string; for?: number; recovered?: boolean }

export interface Recorder {
  count(what: Counter, by?: number): void
  note(what: string): void
  /** The link is up. */
  up(recovered: boolean): void
  down(reason: string): void
  roundTrip(ms: number): void
  counters(): Snapshot['counters']
  timeline(): Snapshot['timeline']
  link(): Snapshot['link']
}

/** Counters, and the last things that happened with their wall-clock times. Cheap enough to be always on. */
export function createRecorder(): Recorder {
  const counters: Record<Counter, number> = {
    received: 0,
    system: 0,
    data: 0,
    unrouted: 0,
    unwanted: 0,
    malformed: 0,
    duplicates: 0,
    oversized: 0,
    delivered: 0,
    replayed: 0,
    conflated: 0,
    dropped: 0,
    evicted: 0,
    gaps: 0,
    refused: 0,
    joins: 0,
    leaves: 0,
    polls: 0,
    reloads: 0,
    connects: 0,
    drops: 0,
    unrecorded: 0,
  }
  const timeline: { at: number; what: string }[] = []
  const outages: Outage[] = []
  const roundTrips: { at: number; ms: number }[] = []
  let upSince: number | undefined
  let downtime = 0

  /** Adds to a list that keeps its last `most`. */
  function keep<T>(list: T[], entry: T, most: number) {
    list.push(entry)
    if (list.length <= most) return
    list.shift()
    counters.unrecorded += 1
  }

  return {
    count(what, by = 1) {
      counters[what] += by
    },
    note: (what) => keep(timeline, { at: Date.now(), what }, ENTRIES),
    up(recovered) {
      counters.connects += 1
      upSince = Date.now()
      const last = outages.at(-1)
      if (!last || last.for !== undefined) return
      last.for = upSince - last.at
      last.recovered = recovered
      downtime += last.for
    },
    down(reason) {
      counters.drops += 1
      upSince = undefined
      keep(outages, { at: Date.now(), reason }, OUTAGES)
    },
    roundTrip: (ms) => keep(roundTrips, { at: Date.now(), ms: Math.round(ms) }, ROUND_TRIPS),
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
