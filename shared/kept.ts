/** A message that is kept until the server has acknowledged it. */
export interface KeptMessage {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  /** When it was kept, in ms, by the worker's clock. */
  readonly at: number
}

/** A kept message that is not settled yet. */
export interface Unsent extends KeptMessage {
  /** When it expires, in ms, by the worker's clock. */
  readonly expires: number
}

/**
 * How a kept message has ended.
 *
 * - `acknowledged`: the server has it; `answer` is what the server said
 * - `refused`: the server said no, or the dashboard's worker does not permit the message any more; `reason` says why
 * - `expired`: the server has not acknowledged it within `keepFor`. It may have received it
 * - `withdrawn`: a page has withdrawn it. If it was under way, or the call rejected, the server may receive it
 */
export interface KeptOutcome {
  readonly id: string
  readonly name: string
  readonly outcome: 'acknowledged' | 'refused' | 'expired' | 'withdrawn'
  readonly answer?: unknown
  readonly reason?: string
}
