import { withDeadline } from '../deadline'
import type { Loss } from './link'

/** Why a WebSocket should not be dialled now. */
export interface Obstacle extends Loss {
  /** Whether the server is known to be there, though it opens no WebSocket. */
  readonly isThere: boolean
}

/**
 * Keeps the pace of retries where a WebSocket cannot be opened. Browsers delay WebSockets after others have failed: by up to a
 * minute in Firefox, by up to five seconds in Chromium. They do not delay HTTP requests.
 * - After three WebSockets in a row that could not be opened, the server is asked over HTTP before each attempt.
 * - Where nobody answers, or a proxy that has no server, no WebSocket is dialled.
 * - Where somebody answers, each link dials three, and three more whenever the answer has changed. If the answer cannot be read,
 *   it may be a proxy's, and all links together dial three.
 * - One is dialled 65 s after the last one in any case, because HTTP may fail for reasons of its own.
 */
export interface Reachability {
  /**
   * To be asked before each attempt. `url` is what will be dialled; `probe` requests another address of the server, which lets
   * this origin read its answers. Resolves to `undefined` where a WebSocket should be dialled.
   */
  obstacle(url: string, probe?: () => Promise<Response>): Promise<Obstacle | undefined>
  /** A WebSocket could not be opened. */
  failed(): void
  opened(): void
}

/** After this many WebSockets that could not be opened, the server is asked. The same number is dialled for one answer. */
const TRIES = 3
/** After this long, in ms, a WebSocket is dialled in any case. Firefox forgets what has failed after a minute and the last delay. */
const RECHECK = 65_000
/** How long the server may take to answer, in ms. */
const PATIENCE = 5000

/** The status of an answer: 0 where it cannot be read, as with a redirect or an answer of another origin, `undefined` where there is no answer. */
async function statusOf(answer: Promise<Response>): Promise<number | undefined> {
  try {
    return (await answer).status
  } catch {
    return undefined
  }
}

/** A proxy or a CDN answers with 502 or more where no server is behind it. */
const isAway = (status: number | undefined) => status === undefined || status >= 502

/** Requests the address of a WebSocket. Returns the answer that counts, and all of them as a text. */
async function ask(url: string, probe: (() => Promise<Response>) | undefined) {
  const address = new URL(url.replace(/^ws/, 'http'))
  const request = (mode: 'cors' | 'no-cors') =>
    statusOf(
      fetch(address, {
        mode,
        // Wherever it leads, somebody has answered. Without CORS, browsers insist on following.
        redirect: mode === 'cors' ? 'manual' : 'follow',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE),
      }),
    )
  let status = await request('cors')
  let text = `${status}`
  if (status === undefined && address.origin !== location.origin) {
    const [own, other] = await Promise.all([request('no-cors'), probe && statusOf(probe())])
    status = probe ? other : own
    text = `${own} ${other}`
  }
  return { status, text }
}

/** The WebSockets that failed since the HTTP answer last changed. */
interface Futile {
  answer?: string | undefined
  count: number
}

/** For one server: returns what makes the `Reachability` of each link to it. */
export function createReachabilities(): () => Reachability {
  /** How many WebSockets in a row could not be opened, whichever link's, and when the last one failed. */
  let failures = 0
  let failedAt = 0
  const all: Futile = { count: 0 }
  return () => {
    const own: Futile = { count: 0 }
    return {
      async obstacle(url, probe) {
        if (failures < TRIES || performance.now() - failedAt >= RECHECK) return undefined
        const nothing = { status: undefined, text: '' }
        const { status, text } = await withDeadline(PATIENCE, ask(url, probe), new Error()).catch(
          () => nothing,
        )
        for (const each of [own, all])
          if (each.answer !== text) {
            each.answer = text
            each.count = 0
          }
        const isAnswering = !isAway(status)
        if (isAnswering && (status === 0 ? all : own).count < TRIES) return undefined
        const reason = isAnswering
          ? 'The server answers over HTTP, but opens no WebSocket.'
          : status === undefined
            ? 'The server does not answer over HTTP.'
            : `The server answered ${status} over HTTP.`
        return { reason, isThere: isAnswering && status !== 0 }
      },
      failed() {
        failures += 1
        own.count += 1
        all.count += 1
        failedAt = performance.now()
      },
      opened() {
        failures = 0
        own.answer = all.answer = undefined
      },
    }
  }
}
