import { PartylineError } from '../../shared/errors'
import type { TokenSource } from '../../shared/token'
import type { Rejection } from '../dialect/dialect'

/** How long one source may take before the next is asked. */
const DEADLINE = 5000
/** How many tokens are remembered, so that they can be cut out of texts. */
const REMEMBERED = 16
/** A token shorter than this is cut out only where it stands alone: within words it is found by accident. */
const SHORT = 8
/** The longest text of a server's that is shown, in characters. */
const LONGEST = 1000
/** Stands for a token until all are found. A server's error text has no such sign. */
const CUT = '\0'

/** One place a token may come from. */
export interface Source {
  readonly name: string
  readonly ask: TokenSource
}

export interface AuthParts {
  /** Where a token may come from now, best first: the worker's own function, else the tabs that have one. */
  readonly sources: () => readonly Source[]
  readonly isRefusal: (rejection: Rejection) => boolean
}

export interface Auth {
  /** A fresh token for one handshake. One fetch at a time: who asks meanwhile gets the same answer. */
  credentials(): Promise<{ readonly token?: string }>
  /** The server turned down the token it was last given. */
  refused(): void
  /** Whether there is another token by now than the one that was turned down. The source that spoke up is asked first. */
  isRenewed(source: string | undefined): Promise<boolean>
  /** A server's text for people to read: without the last 16 tokens that were fetched, and cut to a length. */
  redact(text: string): string
}

/** Fetches tokens. They live in memory alone, and are in no message, log or error. */
export function createAuth({ sources, isRefusal }: AuthParts): Auth {
  let flight: Promise<string | undefined> | undefined
  let latest: string | undefined
  let turnedDown: string | undefined
  /** The tokens fetched last, the latest at the end. */
  let fetched: string[] = []
  /** The sources that gave nothing when they were last asked. */
  const failing = new Set<string>()
  /** The source that spoke up last. */
  let eager: string | undefined

  /** The best source that was not tried yet. One that failed the last time comes after all others. */
  function untried(tried: ReadonlySet<string>): Source | undefined {
    const left = sources().filter(({ name }) => !tried.has(name))
    const good = left.filter(({ name }) => !failing.has(name))
    return good.find(({ name }) => name === eager) ?? good[0] ?? left[0]
  }

  async function ask(): Promise<string | undefined> {
    const tried = new Set<string>()
    let failure: PartylineError | undefined
    // Asked anew for each turn: a tab that came meanwhile may be the one that knows.
    for (let source = untried(tried); source; source = untried(tried)) {
      tried.add(source.name)
      try {
        const token = await read(await within(DEADLINE, source.ask), isRefusal)
        failing.delete(source.name)
        fetched = [...fetched.filter((each) => each !== token), token].slice(-REMEMBERED)
        return token
      } catch (cause) {
        failure = explain(cause, isRefusal)
        // One source's word that we may not stands; another is asked only when one is gone, hangs or fails.
        if (failure.reason === 'refused') break
        failing.add(source.name)
      }
    }
    const names = new Set(sources().map(({ name }) => name))
    for (const name of failing) if (!names.has(name)) failing.delete(name)
    if (failure) throw failure
    return undefined
  }

  function fetchOnce(): Promise<string | undefined> {
    flight ??= ask().finally(() => {
      flight = undefined
    })
    return flight
  }

  return {
    async credentials() {
      latest = await fetchOnce()
      return latest === undefined ? {} : { token: latest }
    },
    refused() {
      turnedDown = latest
    },
    async isRenewed(source) {
      // What is under way was asked of another.
      await flight?.catch(() => {})
      if (source !== undefined) {
        eager = source
        failing.delete(source)
      }
      return fetchOnce().then(
        (token) => token !== undefined && token !== turnedDown,
        () => false,
      )
    },
    redact(text) {
      // The longest first: a token may be the beginning of another one.
      const tokens = [...fetched].sort((a, b) => b.length - a.length)
      return tokens.reduce(cutOut, text).replaceAll(CUT, '[token]').slice(0, LONGEST)
    },
  }
}

function cutOut(text: string, token: string): string {
  return text.replaceAll(token, (found, at: number) => {
    const around = text.charAt(at - 1) + text.charAt(at + token.length)
    return token.length < SHORT && /\w/.test(around) ? found : CUT
  })
}

function within<T>(ms: number, work: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new PartylineError('token-failed', `The token was not there within ${ms} ms.`)
    const timer = setTimeout(() => reject(late), ms)
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

async function read(answer: unknown, isRefusal: AuthParts['isRefusal']): Promise<string> {
  if (answer instanceof Response) {
    if (answer.status === 401 || answer.status === 403)
      throw refusal(`The token endpoint answered ${answer.status}.`)
    if (!answer.ok) throw new PartylineError('token-failed', `The token endpoint answered ${answer.status}.`)
    return read(await answer.json(), isRefusal)
  }
  const body = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  const token = typeof answer === 'string' ? answer : body['token']
  if (typeof token === 'string' && token !== '') return token
  if (isRefusal({ message: String(body['error'] ?? body['message'] ?? ''), data: body })) {
    throw refusal('The token endpoint says that we may not.')
  }
  throw new PartylineError('token-failed', 'The token function gave neither a string nor { token }.')
}

const refusal = (message: string) => new PartylineError('refused', message)

/** What a source threw, in words of our own: its message may hold what nobody should read. */
function explain(cause: unknown, isRefusal: AuthParts['isRefusal']): PartylineError {
  if (cause instanceof PartylineError) return cause
  const message = cause instanceof Error ? cause.message : ''
  if (isRefusal({ message, data: cause })) return refusal('The token function was refused.')
  return new PartylineError(
    'token-failed',
    `The token could not be fetched (${cause instanceof Error ? cause.name : typeof cause}).`,
  )
}
