import { type Failure, PartylineError, type Reason } from '../../shared/errors'
import type { Status } from '../../shared/status'
import { now } from '../clock'
import type { Rejection } from '../dialect/dialect'
import { messageOf } from '../thrown'
import type { Credentials, Link, Loss } from './link'
import { type ConnectionState, type Move, next, type Phase, stateOf } from './phases'
import type { RetryPolicy } from './retry'

/** How long a server may take to answer a handshake before the attempt counts as failed, in ms. */
const HANDSHAKE = 10_000
/** An attempt this old, in ms, may hang: `retry` replaces it. */
const STUCK = 3000
/** A server may end a connection right after it has accepted it. After this long, in ms, the next retry is a first one again. */
const STABLE = 2000
/** It may also refuse the user then. After this long, in ms, it has accepted the user. */
const ACCEPTED = 8000
/** How long a refused connection waits before it tries again, in ms. */
const RECHECK = 60_000

export interface ConnectionStatus extends Omit<Status, 'shared' | 'persistent'> {
  readonly state: ConnectionState
}

export interface DialerParts {
  readonly link: Link
  readonly retry: RetryPolicy
  /** Fetches what the handshake carries. Rejects with reason `refused` where the token's source refuses the request. */
  readonly credentials: () => Promise<Credentials>
  /** The credentials were refused, by the server or by the token's source. */
  readonly refused: () => void
  readonly isRefusal: (rejection: Rejection) => boolean
  /** What may stand in the way of a connection that was never open. */
  readonly obstacle?: (() => Failure | undefined) | undefined
  /** Makes a text of the server or the link safe to show. */
  readonly redact: (text: string) => string
  /** No attempt to connect is under way any more. */
  readonly settled?: (() => void) | undefined
  readonly changed: (status: ConnectionStatus) => void
}

export interface Dialer {
  readonly status: () => ConnectionStatus
  readonly isOpen: () => boolean
  /** Connects, unless an attempt or a connection exists, or the link is paused. */
  start(): void
  /** Hangs up because no tab is left. */
  stop(): void
  /** Resolves once no attempt to connect is under way. */
  settled(): Promise<void>
  /** Ends the connection without ending its session. Resolves to whether another worker can recover the session. */
  release(): Promise<boolean>
  /** Hangs up until `resume`. */
  pause(): void
  resume(): void
  /** Tries at once instead of waiting. `isManual`: somebody asked for it, so the state is `connecting`, and a final refusal is tried, too. */
  retry(isManual: boolean): void
  /** Drops the open connection, and dials again. */
  redial(reason: string): void
  /** To be called when the link calls `opened`. */
  opened(session: { readonly recovered: boolean }): void
  /** To be called when the link calls `lost`. */
  lost(loss: Loss): void
}

/** Decides when to dial and when to wait, and keeps the status. All retries are its own: the link makes none. */
export function createDialer(parts: DialerParts): Dialer {
  let phase: Phase = 'idle'
  let attempt = 0
  /** Failures since the link was last up for a while, the loss included. The retry policy is asked with it. */
  let failures = 0
  let isFailing = false
  let dialledAt = 0
  /** Refusals in a row. After the first, a fresh token is tried at once; after the second, the connection waits. */
  let refusals = 0
  /** Whether a connection to the server was open. */
  let wasOpen = false
  /** Whether the server wants no further attempt. */
  let isFinal = false
  let error: Failure | undefined
  let recovered: boolean | undefined
  let nextTryAt: number | undefined
  let published: ConnectionStatus = { state: 'connecting', since: now(), attempt: 0 }
  /** Ends what entering the phase began, so that no timer or fetch outlives its phase. */
  let exit = () => {}
  let onSettled = () => {}

  function publish() {
    const state = stateOf(phase, isFailing)
    const status: ConnectionStatus = {
      state,
      since: state === published.state ? published.since : now(),
      attempt,
      ...(nextTryAt !== undefined && { nextTryAt }),
      ...(error && { error }),
      ...(recovered !== undefined && { recovered }),
    }
    if (JSON.stringify(status) === JSON.stringify(published)) return
    published = status
    parts.changed(status)
  }

  function move(to: Move): boolean {
    const target = next(phase, to)
    if (target === undefined) return false
    exit()
    phase = target
    nextTryAt = undefined
    exit = enter[target]()
    settle()
    publish()
    return true
  }

  function after(delay: number, act: () => void): () => void {
    const timer = setTimeout(act, delay)
    return () => clearTimeout(timer)
  }

  function wait(delay: number): () => void {
    // By the wall clock, because pages count down to it.
    nextTryAt = Date.now() + delay
    return after(delay, () => move('due'))
  }

  function settle() {
    if (phase === 'preparing' || phase === 'dialing') return
    onSettled()
    parts.settled?.()
  }

  /** The link is up, or at rest. */
  function reset() {
    attempt = 0
    isFailing = false
    error = undefined
  }

  function forgetFailures() {
    failures = 0
  }

  function forgetRefusals() {
    refusals = 0
  }

  function rest() {
    reset()
    forgetFailures()
    forgetRefusals()
    return () => {}
  }

  const enter: Readonly<Record<Phase, () => () => void>> = {
    idle: rest,
    preparing: () => {
      attempt += 1
      let hasExited = false
      parts.credentials().then(
        (credentials) => {
          if (hasExited || !move('ready')) return
          try {
            parts.link.dial(credentials)
          } catch (cause) {
            lost({ reason: messageOf(cause) })
          }
        },
        (cause: unknown) => {
          if (!hasExited) fail(asFailure(cause))
        },
      )
      return () => {
        hasExited = true
      }
    },
    dialing: () => {
      dialledAt = performance.now()
      return after(HANDSHAKE, () =>
        dropLink(`The server did not answer the handshake within ${HANDSHAKE / 1000} s.`),
      )
    },
    open: () => {
      wasOpen ||= !parts.link.isUnconnected?.()
      reset()
      const ends = [after(STABLE, forgetFailures), after(ACCEPTED, forgetRefusals)]
      return () => {
        for (const end of ends) end()
      }
    },
    waiting: () => wait(parts.retry(failures)),
    refused: () =>
      isFinal
        ? () => {
            isFinal = false
          }
        : wait(RECHECK),
    paused: rest,
  }

  function fail(why: Failure) {
    error = why
    isFailing = true
    failures += 1
    recovered = undefined
    if (why.reason !== 'refused') {
      move('lost')
      return
    }
    if (isFinal) {
      move('refused')
      return
    }
    refusals += 1
    parts.refused()
    move(refusals === 1 ? 'again' : 'refused')
  }

  function lost({ reason, rejection, isFinal: isLast = false }: Loss) {
    // A link of an app's own may be late.
    if (phase !== 'dialing' && phase !== 'open') return
    isFinal = isLast
    const isRefused = isFinal || (rejection && parts.isRefusal(rejection))
    const text = parts.redact(reason)
    // Where there is a rejection, the server has answered.
    fail(rejection || isRefused ? failure(isRefused ? 'refused' : 'link-lost', text) : lostLink(text))
  }

  function lostLink(reason: string): Failure {
    return (!wasOpen && parts.obstacle?.()) || failure('link-lost', reason)
  }

  function dropLink(reason: string) {
    parts.link.drop()
    fail(lostLink(reason))
  }

  function hangUp(how: 'pause' | 'stop') {
    if (phase !== 'idle' && phase !== 'paused') parts.link.hangUp()
    recovered = undefined
    move(how)
  }

  return {
    status: () => published,
    isOpen: () => phase === 'open',
    start: () => void move('start'),
    stop: () => hangUp('stop'),
    settled: () =>
      new Promise((resolve) => {
        onSettled = resolve
        settle()
      }),
    release() {
      const released = parts.link.release()
      move('stop')
      return released
    },
    pause: () => hangUp('pause'),
    resume: () => void move('resume'),
    retry(isManual) {
      const isStuck = phase === 'dialing' && performance.now() - dialledAt >= STUCK
      if (!isStuck && phase !== 'waiting' && phase !== 'refused') return
      if (phase === 'refused' && isFinal && !isManual) return
      if (isManual) isFailing = false
      if (isStuck) parts.link.drop()
      move(isStuck ? 'again' : 'due')
    },
    redial(reason) {
      if (phase === 'open' || phase === 'dialing') dropLink(reason)
    },
    opened(session) {
      if (phase !== 'dialing') return
      recovered = session.recovered
      move('opened')
    },
    lost,
  }
}

const failure = (reason: Reason, message: string): Failure => new PartylineError(reason, message).toJSON()

const asFailure = (cause: unknown): Failure =>
  cause instanceof PartylineError ? cause.toJSON() : failure('token-failed', messageOf(cause))
