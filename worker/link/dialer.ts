import { type Failure, PartylineError, type Reason } from '../../shared/errors'
import type { State, Status } from '../../shared/status'
import { now } from '../clock'
import type { Rejection } from '../dialect/dialect'
import type { Link, Loss } from './link'
import type { RetryPolicy } from './retry'

/**
 * ```
 *   idle ─start→ preparing ─ready→ dialing ─opened→ open
 *                 ↑    ↑ ↑             │ lost          │ lost
 *              due│    │ └──again──────┤               │
 *                 │    │due            ↓               │
 *           refused    └──────────── waiting ←─────────┘
 * ```
 * From everywhere: `pause` → paused, `stop` → idle.
 */
export type Phase = 'idle' | 'preparing' | 'dialing' | 'open' | 'waiting' | 'refused' | 'paused'
export type Move =
  | 'start'
  | 'ready'
  | 'opened'
  | 'lost'
  | 'again'
  | 'refused'
  | 'due'
  | 'pause'
  | 'resume'
  | 'stop'

const END = { pause: 'paused', stop: 'idle' } as const
const MOVES: Readonly<Record<Phase, Partial<Readonly<Record<Move, Phase>>>>> = {
  idle: { start: 'preparing', pause: 'paused' },
  preparing: { ready: 'dialing', lost: 'waiting', again: 'preparing', refused: 'refused', ...END },
  dialing: { opened: 'open', lost: 'waiting', again: 'preparing', refused: 'refused', ...END },
  open: { lost: 'waiting', again: 'preparing', ...END },
  waiting: { due: 'preparing', ...END },
  refused: { due: 'preparing', ...END },
  paused: { resume: 'preparing', stop: 'idle' },
}

/** Where a move leads; `undefined` where it is not legal, and nothing happens. */
export const next = (phase: Phase, move: Move): Phase | undefined => MOVES[phase][move]

/** The badge's word for a phase. `failing`: something went wrong since the link was last up. */
export function stateOf(phase: Phase, failing: boolean): LineStatus['state'] {
  switch (phase) {
    case 'open':
      return 'online'
    case 'paused':
      return 'paused'
    case 'refused':
      return 'unauthorized'
    case 'waiting':
      return 'offline'
    case 'idle':
    case 'preparing':
    case 'dialing':
      return failing ? 'offline' : 'connecting'
  }
}

/** How long a server may take to answer a handshake before the attempt counts as failed. */
const HANDSHAKE = 10_000
/** An attempt this old may be stuck: who asks for a try gets a new one. */
const STUCK = 3000
/** How often a refused line asks again by itself. */
const RECHECK = 60_000

export interface LineStatus extends Omit<Status, 'shared' | 'persistent'> {
  /** Only a page's line can be closed. */
  readonly state: Exclude<State, 'closed'>
}

export interface DialerParts {
  readonly link: Link
  readonly retry: RetryPolicy
  /** Fetches what the handshake carries. Rejects with reason `refused` when it is told that we may not. */
  readonly credentials: () => Promise<{ readonly token?: string }>
  /** What the last handshake carried was turned down. */
  readonly refused: () => void
  readonly isRefusal: (rejection: Rejection) => boolean
  readonly changed: (status: LineStatus) => void
}

export interface Dialer {
  readonly status: () => LineStatus
  readonly isOpen: () => boolean
  /** Connects, unless it does already or was hung up by hand. */
  start(): void
  /** Hangs up because nobody is left. */
  stop(): void
  /** Hangs up by hand, and stays so until `resume`. */
  pause(): void
  resume(): void
  /** Tries at once instead of waiting. `byHand`: somebody asked for it, so the badge says `connecting`. */
  retry(byHand: boolean): void
  /** Gives up the connection that is open, and dials anew. */
  redial(reason: string): void
  /** To be told what the link tells. */
  opened(session: { readonly recovered: boolean }): void
  lost(loss: Loss): void
}

/** Owns the one retry loop: when to dial, when to wait, and what the badge says meanwhile. */
export function createDialer(parts: DialerParts): Dialer {
  let phase: Phase = 'idle'
  let attempt = 0
  /** Failures since the link was last up, the loss itself included: which retry comes next. */
  let failures = 0
  let failing = false
  let dialledAt = 0
  /** Refusals in a row. The first is answered by a fresh token at once; the second by patience. */
  let refusals = 0
  let error: Failure | undefined
  let recovered: boolean | undefined
  let nextTryAt: number | undefined
  let shown: LineStatus = { state: 'connecting', since: now(), attempt: 0 }
  /** Undoes what entering the phase began. No timer or fetch outlives the phase that started it. */
  let exit = () => {}

  function publish() {
    const state = stateOf(phase, failing)
    const status: LineStatus = {
      state,
      since: state === shown.state ? shown.since : now(),
      attempt,
      ...(nextTryAt !== undefined && { nextTryAt }),
      ...(error && { error }),
      ...(recovered !== undefined && { recovered }),
    }
    if (JSON.stringify(status) === JSON.stringify(shown)) return
    shown = status
    parts.changed(status)
  }

  function move(to: Move): boolean {
    const target = next(phase, to)
    if (target === undefined) return false
    exit()
    phase = target
    nextTryAt = undefined
    exit = enter[target]()
    publish()
    return true
  }

  function after(delay: number, act: () => void): () => void {
    const timer = setTimeout(act, delay)
    return () => clearTimeout(timer)
  }

  function wait(delay: number): () => void {
    // A page counts down to it by the wall clock.
    nextTryAt = Date.now() + delay
    return after(delay, () => move('due'))
  }

  const nothing = () => {}

  /** Nothing is wrong, or ever was. */
  function calm() {
    attempt = 0
    failures = 0
    failing = false
    refusals = 0
    error = undefined
    return nothing
  }

  const enter: Readonly<Record<Phase, () => () => void>> = {
    idle: calm,
    preparing: () => {
      attempt += 1
      let left = false
      parts.credentials().then(
        (credentials) => {
          if (left || !move('ready')) return
          parts.link.dial(credentials)
        },
        (cause: unknown) => {
          if (!left) failed(asFailure(cause), cause instanceof PartylineError && cause.reason === 'refused')
        },
      )
      return () => {
        left = true
      }
    },
    dialing: () => {
      dialledAt = performance.now()
      return after(HANDSHAKE, () => {
        parts.link.drop()
        failed(
          failure('link-lost', `The server did not answer the handshake within ${HANDSHAKE / 1000} s.`),
          false,
        )
      })
    },
    open: calm,
    waiting: () => wait(parts.retry(failures)),
    refused: () => wait(RECHECK),
    paused: calm,
  }

  function failed(why: Failure, refused: boolean) {
    error = why
    failing = true
    failures += 1
    recovered = undefined
    if (!refused) {
      move('lost')
      return
    }
    refusals += 1
    parts.refused()
    move(refusals === 1 ? 'again' : 'refused')
  }

  function hangUp(how: 'pause' | 'stop') {
    if (phase === 'dialing' || phase === 'open') parts.link.hangUp()
    recovered = undefined
    move(how)
  }

  return {
    status: () => shown,
    isOpen: () => phase === 'open',
    start: () => void move('start'),
    stop: () => hangUp('stop'),
    pause: () => hangUp('pause'),
    resume: () => void move('resume'),
    retry(byHand) {
      const isStuck = phase === 'dialing' && performance.now() - dialledAt >= STUCK
      if (!isStuck && phase !== 'waiting' && phase !== 'refused') return
      if (byHand) failing = false
      if (isStuck) parts.link.drop()
      move(isStuck ? 'again' : 'due')
    },
    redial(reason) {
      if (phase !== 'open') return
      parts.link.drop()
      failed(failure('link-lost', reason), false)
    },
    opened(session) {
      recovered = session.recovered
      move('opened')
    },
    lost({ reason, rejection }) {
      const refused = rejection !== undefined && parts.isRefusal(rejection)
      failed(failure(refused ? 'refused' : 'link-lost', reason), refused)
    },
  }
}

const failure = (reason: Reason, message: string): Failure => new PartylineError(reason, message).toJSON()

const asFailure = (cause: unknown): Failure =>
  cause instanceof PartylineError
    ? cause.toJSON()
    : failure('token-failed', cause instanceof Error ? cause.message : String(cause))
