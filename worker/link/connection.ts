import type { Failure } from '../../shared/errors'
import type { Nudge } from '../../shared/wire'
import type { Message, Rejection } from '../dialect/dialect'
import { messageOf } from '../thrown'
import type { Auth } from './auth'
import { type ConnectionStatus, createDialer, type Dialer } from './dialer'
import type { Arrival, Link, LinkEvents, Opening, Outgoing, RoomEvents, SessionKey } from './link'
import type { RetryPolicy } from './retry'
import { createWatchdog, type WatchdogParts } from './watchdog'

/** Browsers whose network comes back at once spread their tries over this many ms. */
const SPREAD = 500

export interface ConnectionParts {
  /** Makes the pace of a connection. */
  readonly createRetry: () => RetryPolicy
  readonly keepalive: WatchdogParts['keepalive']
  readonly auth: Auth
  readonly isRefusal: (rejection: Rejection) => boolean
  /** What may stand in the way of connections to this address. @default to the server's */
  readonly obstacle?: ((address?: () => string) => Failure | undefined) | undefined
  /** The session that the next handshake asks the server to resume. */
  readonly session: () => Promise<SessionKey | undefined>
  /** Resolves when this connection may dial, its token being there. @default at once */
  readonly turn?: () => Promise<void>
  /** Whether the connection may have lost messages, because this worker stood still. It is dialled anew then. @default never */
  readonly isStale?: (() => boolean) | undefined
  /** Resolves when this worker may dial: at once, unless it has stood still. */
  readonly confirmed?: (() => Promise<void>) | undefined
  /** The rooms that tabs want now. */
  readonly wanted: () => readonly string[]
  readonly rooms: ConnectionRooms
  /** A handshake succeeded. Comes before `onUp`. */
  readonly onOpened: (opening: Opening) => void
  readonly onUp: (recovered: boolean) => void
  /** The messages of a recovered session that were missed. Comes after `onUp`. */
  readonly onMissed: (messages: readonly Arrival[]) => void
  /** `at` is when it was heard. */
  readonly onMessage: (message: Arrival, at: number) => void
  readonly onUnreadable: (why: string) => void
  /** The link, or the app's own part of it, threw for a message that it was to send. */
  readonly onUnsendable: (why: string) => void
  /** The link was lost for this reason, or hung up without one. */
  readonly onDown: (reason: string | undefined) => void
  /** No attempt to connect is under way any more. */
  readonly onSettled?: () => void
  /** Comes after `onUp` and `onDown`. */
  readonly onStatus: (status: ConnectionStatus) => void
  readonly onRoundTrip: (ms: number) => void
  readonly onWoke: () => void
}

/** What a connection does to rooms. */
export interface ConnectionRooms extends RoomEvents {
  /** From now on rooms can be joined. `recovered`: those joined before are so still. Comes after `onUp`. */
  opened(recovered: boolean): void
  /** All rooms are lost. Nothing was heard since `heardAt`. Comes after `onDown`. */
  lost(heardAt: number): void
  deny(room: string, reason: string): void
}

/** The connection to the server: dials, watches, authenticates and retries for ever. */
export interface Connection
  extends Pick<
    Dialer,
    'status' | 'isOpen' | 'start' | 'stop' | 'settled' | 'release' | 'pause' | 'resume' | 'retry' | 'redial'
  > {
  /** Only while open. `acknowledged` gets the server's answer. */
  send(message: Message, acknowledged?: (answer: unknown) => void): void
  /**
   * Sends a message of a page, only while open. `acknowledged` gets the server's answer, which may take any time. Returns `false`
   * if the message has not left. Throws what the link throws.
   */
  request(message: Outgoing, acknowledged?: (answer: unknown) => void): boolean
  /** Something happened, in a tab perhaps, that makes a try worthwhile. */
  nudge(why: Nudge, tab?: string): void
  /** Ends it for good, with all timers. */
  dispose(): void
  /** Where rooms are joined by other means than messages. */
  readonly join?: ((room: string) => void) | undefined
  readonly leave?: ((room: string) => void) | undefined
  /** The status of a room's own connection, where it has one. */
  readonly statusOf?: (room: string) => ConnectionStatus | undefined
}

/** One connection for all rooms. */
export function createConnection(
  parts: ConnectionParts,
  createLink: (events: LinkEvents) => Link,
): Connection {
  const { auth, isRefusal, isStale = () => false } = parts
  let wasOpen = false

  const timed = (answered: (ms: number) => void) => {
    const askedAt = performance.now()
    return () => answered(performance.now() - askedAt)
  }

  const link = createLink({
    isStale,
    opened(opening) {
      if (isStale()) return
      parts.onOpened(opening)
      dialer.opened(opening)
      parts.onMissed(opening.missed)
    },
    lost: (loss) => dialer.lost(loss),
    message(message) {
      if (isStale()) return
      watchdog.heard()
      parts.onMessage(message, watchdog.heardAt())
    },
    // What came while the worker stood still may be lost, so the gap begins with what was heard before.
    alive() {
      if (!isStale()) watchdog.heard()
    },
    unreadable(why) {
      if (isStale()) return
      watchdog.heard()
      parts.onUnreadable(auth.redact(why))
    },
    rooms: parts.rooms,
  })
  const watchdog = createWatchdog({
    keepalive: parts.keepalive,
    probe(answered) {
      const measured = timed(parts.onRoundTrip)
      let isReturned = false
      let isAnswered = false
      link.probe(() => {
        if (isAnswered) return
        isAnswered = true
        // A link that did not ask the server answers before `probe` returns.
        if (!isReturned || isStale()) return
        measured()
        answered()
      })
      isReturned = true
      return !isAnswered
    },
    dead(why) {
      if (!link.isUnconnected?.()) dialer.redial(why)
    },
    woke() {
      parts.onWoke()
      nudge('resume')
    },
  })
  const dialer = createDialer({
    link,
    retry: parts.createRetry(),
    async credentials() {
      const session = await parts.session()
      const token = await auth.credentials()
      await parts.turn?.()
      // The worker may have stood still in between.
      await parts.confirmed?.()
      return { ...token, ...(session && { session }), rooms: parts.wanted() }
    },
    isRefusal,
    obstacle: () => parts.obstacle?.(),
    refused: auth.refused,
    redact: auth.redact,
    settled: parts.onSettled,
    changed(status) {
      const isOpen = dialer.isOpen()
      if (isOpen && !wasOpen) {
        const recovered = status.recovered === true
        parts.onUp(recovered)
        parts.rooms.opened(recovered)
        watchdog.start()
      } else if (wasOpen && !isOpen) {
        parts.onDown(status.error?.message)
        parts.rooms.lost(watchdog.heardAt())
        watchdog.rest()
      }
      wasOpen = isOpen
      parts.onStatus(status)
    },
  })

  function nudge(why: Nudge, tab?: string) {
    if (dialer.isOpen()) return watchdog.check()
    const { state, nextTryAt } = dialer.status()
    if (state === 'unauthorized') {
      // The server wants no further attempt, whatever the token.
      if (nextTryAt === undefined) return
      void auth.isRenewed(tab).then((renewed) => renewed && dialer.retry(false))
      return
    }
    setTimeout(() => dialer.retry(false), why === 'visible' ? 0 : Math.random() * SPREAD)
  }

  return {
    ...dialer,
    send(message, acknowledged) {
      try {
        if (!acknowledged) return void link.send(message)
        const measured = timed(parts.onRoundTrip)
        link.send(message, (answer) => {
          measured()
          acknowledged(answer)
        })
      } catch (error) {
        parts.onUnsendable(auth.redact(messageOf(error)))
      }
    },
    request: (message, acknowledged) => dialer.isOpen() && link.send(message, acknowledged) !== false,
    nudge,
    dispose() {
      dialer.stop()
      watchdog.dispose()
    },
    join: link.join?.bind(link),
    leave: link.leave?.bind(link),
  }
}
