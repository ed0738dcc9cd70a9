import type { Line } from 'partyline'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import type { Panel } from '../source.ts'
import { GROUPS } from './catalogue.ts'
import type { Note } from './evidence.ts'
import type { Fault, Stage } from './fault.ts'
import { createReader } from './reader.ts'
import { createTrial, type Trial, type TrialRecord } from './trial.ts'

export interface TrialsParts {
  readonly line: Line<Dashboard>
  readonly shown: () => Panel
  readonly show: Stage['show']
  readonly changed: (trial: Trial) => void
  /** The fault could not be done. */
  readonly failed: (fault: Fault, why: string) => void
}

const KEY = 'partyline-demo/trials'
const LOOK = 300
/** A page that does nothing else for so long stands still. */
const STILL = 500

const isReload = () =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => (entry as PerformanceNavigationTiming).type === 'reload')

/** Does faults and watches what comes of them, across the reloads that they cause. */
export function createTrials({ line, shown, show, changed, failed }: TrialsParts) {
  const reader = createReader(line, shown)
  const running = new Map<string, Trial>()
  let isLooking = false

  function keep() {
    sessionStorage.setItem(KEY, JSON.stringify([...running.values()].map((trial) => trial.record())))
  }

  function begin(fault: Fault, record: TrialRecord): Trial {
    const trial = createTrial(fault, record, (changing) => {
      if (changing.verdict !== 'watching') running.delete(fault.id)
      keep()
      changed(changing)
    })
    running.set(fault.id, trial)
    keep()
    changed(trial)
    void watch()
    return trial
  }

  async function watch() {
    if (isLooking) return
    isLooking = true
    while (running.size > 0) {
      await reader.look()
      const reading = reader.reading()
      for (const trial of running.values()) trial.read(reading)
      await new Promise((resolve) => setTimeout(resolve, LOOK))
    }
    isLooking = false
  }

  function note(note: Note) {
    for (const trial of running.values()) trial.note(note)
  }
  line.on('status', (status) => note({ type: 'status', status }))
  line.on('gap', () => note({ type: 'gap' }))
  line.on('reload', (order) => note({ type: 'order', order }))

  return {
    note,
    /** What was being watched before the page was reloaded. A copy of a tab watches nothing. */
    resume() {
      const records: TrialRecord[] = isReload() ? JSON.parse(sessionStorage.getItem(KEY) ?? '[]') : []
      const faults = GROUPS.flatMap((group) => group.faults)
      for (const record of records) {
        const fault = faults.find(({ id }) => id === record.fault)
        if (fault) begin(fault, record)
      }
    },
    async run(fault: Fault, seconds: number, count: number) {
      await reader.look()
      const since = Date.now()
      const before = reader.reading()
      const trial = begin(fault, { fault: fault.id, since, before, seconds, count, seen: [] })
      try {
        const begun = Date.now()
        const done = fault.act({ line, seconds, count, show })
        if (Date.now() - begun > STILL) trial.stood(begun, Date.now())
        await done
      } catch (error) {
        failed(fault, error instanceof Error ? error.message : String(error))
      }
    },
  }
}
