import type { Nudge } from '../../shared/wire'
import type { Message, Rejection } from '../dialect/dialect'
import { createAuth, type Source } from './auth'
import { createDialer, type Dialer, type LineStatus } from './dialer'
import type { Arrival, Link, LinkEvents, Opening, SessionKey } from './link'
import type { RetryPolicy } from './retry'
import { createWatchdog, type WatchdogParts } from './watchdog'

/** Browsers whose network comes back at once spread their tries over this many ms. */
const SPREAD = 500

export interface ConnectionParts {
  readonly createLink: (events: LinkEvents) => Link
  readonly retry: RetryPolicy
  readonly keepalive: WatchdogParts['keepalive']
  /** Where a token may come from now, best first. */
  readonly sources: () => readonly Source[]
  readonly isRefusal: (rejection: Rejection) => boolean
  /** The session that the next handshake asks the server to resume. */
  readonly session: () => Promise<SessionKey | undefined>
  /** A handshake succeeded. Comes before `onUp`. */
  readonly onOpened: (opening: Opening) => void
  readonly onUp: (recovered: boolean) => void
  /** The messages of a recovered session that were missed. Comes after `onUp`. */
  readonly onMissed: (messages: readonly Arrival[]) => void
  readonly onMessage: (message: Arrival) => void
  /** The link was lost for this reason, or hung up without one. Nothing was heard since `heardAt`. */
  readonly onDown: (reason: string | undefined, heardAt: number) => void
  /** Comes after `onUp` and `onDown`. */
  readonly onStatus: (status: LineStatus) => void
  readonly onRoundTrip: (ms: number) => void
  readonly onWoke: () => void
}

/** The one connection to the server: dials, watches, authenticates and retries for ever. */
export interface Connection
  extends Pick<
    Dialer,
    'status' | 'isOpen' | 'start' | 'stop' | 'settled' | 'release' | 'pause' | 'resume' | 'retry'
  > {
  /** Only while open. `acknowledged` gets the server's answer. */
  send(message: Message, acknowledged?: (answer: unknown) => void): void
  /** Something happened, in a tab perhaps, that makes a try worthwhile. */
  nudge(why: Nudge, tab?: string): void
  /** A text of the server's without the tokens that it quotes. */
  redact(text: string): string
}

export function createConnection(parts: ConnectionParts): Connection {
  const { isRefusal } = parts
  let wasOpen = false

  const timed = (answered: (ms: number) => void) => {
    const askedAt = performance.now()
    return () => answered(performance.now() - askedAt)
  }

  const link = parts.createLink({
    opened(opening) {
      parts.onOpened(opening)
      dialer.opened(opening)
      parts.onMissed(opening.missed)
    },
    lost: (loss) => dialer.lost({ ...loss, reason: auth.redact(loss.reason) }),
    message(message) {
      watchdog.heard()
      parts.onMessage(message)
    },
    alive: () => watchdog.heard(),
  })
  const auth = createAuth({ sources: parts.sources, isRefusal })
  const watchdog = createWatchdog({
    keepalive: parts.keepalive,
    probe(answered) {
      const measured = timed(parts.onRoundTrip)
      link.probe(() => {
        measured()
        answered()
      })
    },
    dead: (why) => dialer.redial(why),
    woke() {
      parts.onWoke()
      nudge('resume')
    },
  })
  const dialer = createDialer({
    link,
    retry: parts.retry,
    async credentials() {
      const session = await parts.session()
      return { ...(await auth.credentials()), ...(session && { session }) }
    },
    isRefusal,
    refused: auth.refused,
    changed(status) {
      const isOpen = dialer.isOpen()
      if (isOpen && !wasOpen) {
        parts.onUp(status.recovered === true)
        watchdog.start()
      } else if (wasOpen && !isOpen) {
        parts.onDown(status.error?.message, watchdog.heardAt())
        watchdog.rest()
      }
      wasOpen = isOpen
      parts.onStatus(status)
    },
  })

  function nudge(why: Nudge, tab?: string) {
    if (dialer.isOpen()) return watchdog.check()
    if (dialer.status().state === 'unauthorized') {
      void auth.isRenewed(tab).then((renewed) => renewed && dialer.retry(false))
      return
    }
    setTimeout(() => dialer.retry(false), why === 'visible' ? 0 : Math.random() * SPREAD)
  }

  return {
    ...dialer,
    send(message, acknowledged) {
      if (!acknowledged) return link.send(message)
      const measured = timed(parts.onRoundTrip)
      link.send(message, (answer) => {
        measured()
        acknowledged(answer)
      })
    },
    nudge,
    redact: auth.redact,
  }
}
