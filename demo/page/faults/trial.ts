import { addNote, type Evidence, freshEvidence, type Note, type Reading } from './evidence.ts'
import type { Fault } from './fault.ts'

export type Verdict = 'watching' | 'held' | 'missed'

/** A step that was seen: how long after the fault, and the words it came with. */
export interface Seen {
  readonly after: number
  readonly words: string
}

/** What has to survive the reload that a fault may cause. */
export interface TrialRecord {
  readonly fault: string
  readonly since: number
  readonly before: Reading
  readonly seconds: number
  readonly count: number
  readonly seen: readonly Seen[]
}

/** One fault that was done, and what was seen of its promise so far. */
export interface Trial {
  readonly fault: Fault
  readonly verdict: Verdict
  readonly seen: readonly Seen[]
  note(note: Note): void
  read(reading: Reading): void
  /** The main thread stood still. */
  stood(from: number, to: number): void
  record(): TrialRecord
}

/** Steps are seen one after the other: the first that is missing is what is waited for. */
export function createTrial(fault: Fault, record: TrialRecord, changed: (trial: Trial) => void): Trial {
  const { since, before, seconds, count } = record
  const evidence: Evidence = freshEvidence(since, before, seconds, count)
  const seen: Seen[] = [...record.seen]
  const deadline = since + (fault.within + (fault.seconds === undefined ? 0 : seconds)) * 1000
  let verdict: Verdict = 'watching'

  function judge() {
    if (verdict !== 'watching') return
    let isNews = false
    for (let step = fault.steps[seen.length]; step; step = fault.steps[seen.length]) {
      const answer = step.seen(evidence)
      if (answer === false) break
      seen.push({ after: Date.now() - since, words: answer === true ? '' : answer })
      isNews = true
    }
    if (seen.length === fault.steps.length) verdict = 'held'
    else if (Date.now() > deadline) verdict = 'missed'
    if (isNews || verdict !== 'watching') changed(trial)
  }

  const trial: Trial = {
    fault,
    get verdict() {
      return verdict
    },
    seen,
    note(note) {
      addNote(evidence, note)
      judge()
    },
    read(reading) {
      evidence.now = reading
      judge()
    },
    stood(from, to) {
      Object.assign(evidence.still, { from, to })
      judge()
    },
    record: () => ({ fault: fault.id, since, before, seconds, count, seen }),
  }
  return trial
}
