import { addPageEvent, createEvidence, type Evidence, type PageEvent, type Reading } from './evidence.ts'
import type { Fault } from './fault.ts'

export type Verdict = 'watching' | 'passed' | 'failed'

/** A step that has happened. */
export interface PassedStep {
  /** How long after the fault, in ms. */
  readonly after: number
  readonly details: string
}

/** What is stored of a trial, because its fault may reload the page. */
export interface TrialRecord {
  readonly fault: string
  readonly since: number
  readonly before: Reading
  readonly seconds: number
  readonly count: number
  readonly passed: readonly PassedStep[]
}

/** One run of a fault, and the steps that have happened so far. */
export interface Trial {
  readonly fault: Fault
  readonly verdict: Verdict
  readonly passed: readonly PassedStep[]
  addPageEvent(event: PageEvent): void
  addReading(reading: Reading): void
  /** The main thread was blocked. */
  setBlocked(from: number, to: number): void
  record(): TrialRecord
}

/** Checks the steps in order, one after the other. */
export function createTrial(fault: Fault, record: TrialRecord, onChange: (trial: Trial) => void): Trial {
  const { since, before, seconds, count } = record
  const evidence: Evidence = createEvidence(since, before, seconds, count)
  const passed: PassedStep[] = [...record.passed]
  const deadline = since + (fault.within + (fault.seconds === undefined ? 0 : seconds)) * 1000
  let verdict: Verdict = 'watching'

  function judge() {
    if (verdict !== 'watching') return
    let isChanged = false
    for (let step = fault.steps[passed.length]; step; step = fault.steps[passed.length]) {
      const answer = step.check(evidence)
      if (answer === false) break
      passed.push({ after: Date.now() - since, details: answer === true ? '' : answer })
      isChanged = true
    }
    if (passed.length === fault.steps.length) verdict = 'passed'
    else if (Date.now() > deadline) verdict = 'failed'
    if (isChanged || verdict !== 'watching') onChange(trial)
  }

  const trial: Trial = {
    fault,
    get verdict() {
      return verdict
    },
    passed,
    addPageEvent(event) {
      addPageEvent(evidence, event)
      judge()
    },
    addReading(reading) {
      evidence.now = reading
      judge()
    },
    setBlocked(from, to) {
      Object.assign(evidence.blocked, { from, to })
      judge()
    },
    record: () => ({ fault: fault.id, since, before, seconds, count, passed }),
  }
  return trial
}
