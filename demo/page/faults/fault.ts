import type { Line } from 'partyline'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import type { Panel } from '../source.ts'
import type { Evidence } from './evidence.ts'

/** What a fault needs to run. */
export interface FaultContext {
  /** Absent on a page with its own socket. */
  readonly line: Line<Dashboard> | undefined
  /** How long the fault lasts, if it lasts. */
  readonly seconds: number
  /** How many events it causes, if it causes events. */
  readonly count: number
  /** Shows a panel, and resolves once it is live. */
  readonly show: (panel: Panel) => Promise<void>
  /** Acknowledges the latest error that this page has, and resolves once the worker keeps that. */
  readonly acknowledgeLatest: () => Promise<void>
}

/** Something that should happen after a fault. */
export interface Step {
  readonly label: string
  /** Whether it has happened. A string means yes, and gives details. */
  readonly check: (evidence: Evidence) => boolean | string
}

/** What should happen after a fault. */
export interface Outcome {
  /** For the person who is about to press the button. */
  readonly expected: string
  /** They should happen in this order. */
  readonly steps: readonly Step[]
}

export interface Fault extends Outcome {
  readonly id: string
  readonly label: string
  readonly run: (context: FaultContext) => unknown
  /** What is different where each room has a WebSocket of its own. Such a server recovers no session. */
  readonly websocket?: Partial<Outcome>
  /** How many seconds the steps may take, not counting those that the fault lasts. */
  readonly within: number
  /** How long it lasts by default. The user can change it. */
  readonly seconds?: number
  /** How many events it causes by default. The user can change it. */
  readonly count?: number
  /** Whether it happens at the server only, so that a page with its own socket has it too. */
  readonly isServerFault?: boolean
}

export interface Group {
  readonly name: string
  readonly faults: readonly Fault[]
}
