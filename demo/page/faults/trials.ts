import type { Line } from 'partyline'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import { KIND } from '../address.ts'
import { isReload } from '../is-reload.ts'
import type { Panel } from '../source.ts'
import { groupsFor } from './catalogue.ts'
import type { PageEvent } from './evidence.ts'
import type { Fault, FaultContext } from './fault.ts'
import { createReader } from './reader.ts'
import { createTrial, type Trial, type TrialRecord } from './trial.ts'

export interface TrialsParts {
  readonly line: Line<Dashboard>
  readonly shown: () => Panel
  readonly show: FaultContext['show']
  readonly acknowledgeLatest: FaultContext['acknowledgeLatest']
  readonly onChange: (trial: Trial) => void
  /** The fault could not be run. */
  readonly onFailed: (fault: Fault, reason: string) => void
}

const KEY = 'partyline-demo/trials'
/** How often the state is read, in ms. */
const READ_INTERVAL = 300
/** A fault that runs longer than this has blocked the main thread, in ms. */
const BLOCKED = 500

/** Runs faults and checks their steps, also across the reloads that they cause. */
export function createTrials({ line, shown, show, acknowledgeLatest, onChange, onFailed }: TrialsParts) {
  const reader = createReader(line, shown)
  const running = new Map<string, Trial>()
  let isReading = false

  function save() {
    sessionStorage.setItem(KEY, JSON.stringify([...running.values()].map((trial) => trial.record())))
  }

  function begin(fault: Fault, record: TrialRecord): Trial {
    const trial = createTrial(fault, record, (changed) => {
      if (changed.verdict !== 'watching') running.delete(fault.id)
      save()
      onChange(changed)
    })
    running.set(fault.id, trial)
    save()
    onChange(trial)
    void readUntilDone()
    return trial
  }

  async function readUntilDone() {
    if (isReading) return
    isReading = true
    while (running.size > 0) {
      await reader.refresh()
      const reading = reader.reading()
      for (const trial of running.values()) trial.addReading(reading)
      await new Promise((resolve) => setTimeout(resolve, READ_INTERVAL))
    }
    isReading = false
  }

  function addPageEvent(event: PageEvent) {
    for (const trial of running.values()) trial.addPageEvent(event)
  }
  line.on('status', (status) => addPageEvent({ type: 'status', status }))
  line.on('gap', () => addPageEvent({ type: 'gap' }))
  line.on('reload', (order) => addPageEvent({ type: 'order', order }))

  return {
    addPageEvent,
    /** Continues the trials that ran before a reload. */
    resume() {
      const records: TrialRecord[] = isReload() ? JSON.parse(sessionStorage.getItem(KEY) ?? '[]') : []
      const faults = groupsFor(KIND).flatMap((group) => group.faults)
      for (const record of records) {
        const fault = faults.find(({ id }) => id === record.fault)
        if (fault) begin(fault, record)
      }
    },
    async run(fault: Fault, seconds: number, count: number) {
      await reader.refresh()
      const since = Date.now()
      const before = reader.reading()
      const trial = begin(fault, { fault: fault.id, since, before, seconds, count, passed: [] })
      try {
        const startedAt = Date.now()
        const done = fault.run({ line, seconds, count, show, acknowledgeLatest })
        if (Date.now() - startedAt > BLOCKED) trial.setBlocked(startedAt, Date.now())
        await done
      } catch (error) {
        onFailed(fault, error instanceof Error ? error.message : String(error))
      }
    },
  }
}
