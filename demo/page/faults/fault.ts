import type { Line } from 'partyline'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import type { Panel } from '../source.ts'
import type { Evidence } from './evidence.ts'

/** What a fault needs to be done. */
export interface Stage {
  /** Absent on a page that is connected in the usual way. */
  readonly line: Line<Dashboard> | undefined
  /** How long it is to last, where it lasts. */
  readonly seconds: number
  /** How many events, where it makes events. */
  readonly count: number
  /** Shows a panel, and resolves once it is live. */
  readonly show: (panel: Panel) => Promise<void>
}

/** Something that should be seen after a fault: `true`, or the words that say so. */
export interface Step {
  readonly what: string
  readonly seen: (evidence: Evidence) => boolean | string
}

export interface Fault {
  readonly id: string
  readonly label: string
  /** What should happen, for who is about to press the button. */
  readonly promise: string
  readonly act: (stage: Stage) => unknown
  /** In this order. */
  readonly steps: readonly Step[]
  /** Seconds within which all of it should have been seen, beside those that the fault lasts. */
  readonly within: number
  /** How long it lasts, where that can be chosen. */
  readonly seconds?: number
  readonly count?: number
  /** Whether a page that is connected in the usual way can do it as well. */
  readonly isServers?: boolean
}

export interface Group {
  readonly name: string
  readonly faults: readonly Fault[]
}
