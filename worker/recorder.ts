import type { Counter, Snapshot } from '../src/protocol'

/** How many entries the timeline keeps. */
const ENTRIES = 200

export interface Recorder {
  count(what: Counter, by?: number): void
  note(what: string): void
  counters(): Snapshot['counters']
  timeline(): Snapshot['timeline']
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
    delivered: 0,
    replayed: 0,
    conflated: 0,
    dropped: 0,
    evicted: 0,
    gaps: 0,
    joins: 0,
    leaves: 0,
    polls: 0,
    reloads: 0,
    connects: 0,
    drops: 0,
  }
  const timeline: { at: number; what: string }[] = []
  return {
    count(what, by = 1) {
      counters[what] += by
    },
    note(what) {
      timeline.push({ at: Date.now(), what })
      if (timeline.length > ENTRIES) timeline.shift()
    },
    counters: () => ({ ...counters }),
    timeline: () => [...timeline],
  }
}
