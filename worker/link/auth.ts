import { PartylineError } from '../../shared/errors'
import type { TokenSource } from '../../shared/token'
import { isObject } from '../checks'
import { withDeadline } from '../deadline'
import type { Rejection } from '../dialect/dialect'

/** How long one source may take before the next is asked, in ms. */
const DEADLINE = 5000
/** How many tokens are remembered, so that they can be cut out of texts. */
const REMEMBERED = 16
/** A token shorter than this is cut out only where it stands alone, because it may be a part of a word by accident. */
const SHORT = 8
/** The longest text of a server that is shown, in characters. */
const LONGEST = 1000
/** Stands for a removed token, so that the search for the next one cannot match inside `[token]`. No error text of a server has this character. */
const CUT = '\0'

/** A place that a token may come from. */
export interface Source {
  readonly name: string
  readonly ask: TokenSource
}

export interface AuthParts {
  /** The sources there are now, best first: the worker's own function, or else the tabs that have one. */
  readonly sources: () => readonly Source[]
  readonly isRefusal: (rejection: Rejection) => boolean
}

/** Fetches tokens. They are held in memory alone, and are in no message, log or error. */
export interface Auth {
  /** Fetches a token for a handshake. A call during a fetch gets the result of that fetch. */
  credentials(): Promise<{ readonly token?: string }>
  /** The server refused the last token. */
  refused(): void
  /** Whether there is another token now than the refused one. `source`, if given, is asked first: something happened there. */
  isRenewed(source: string | undefined): Promise<boolean>
  /** Makes a server's text safe to show: cuts out the last 16 tokens, and shortens it. */
  redact(text: string): string
}

export function createAuth({ sources, isRefusal }: AuthParts): Auth {
  let fetching: Promise<string | undefined> | undefined
  let latest: string | undefined
  let refusedToken: string | undefined
  /** The tokens fetched last, the latest at the end. */
  let fetched: string[] = []
  /** The sources that failed when they were asked last. */
  const failing = new Set<string>()
  let preferred: string | undefined

  /** The best source that was not tried yet. Those that failed the last time come after all others. */
  function untried(tried: ReadonlySet<string>): Source | undefined {
    const others = sources().filter(({ name }) => !tried.has(name))
    const good = others.filter(({ name }) => !failing.has(name))
    return good.find(({ name }) => name === preferred) ?? good[0] ?? others[0]
  }

  async function fetchToken(): Promise<string | undefined> {
    const tried = new Set<string>()
    let failure: PartylineError | undefined
    // The sources are read again each time: a tab that came meanwhile may have a token.
    for (let source = untried(tried); source; source = untried(tried)) {
      tried.add(source.name)
      try {
        const late = failed(`The token source did not answer within ${DEADLINE} ms.`)
        const answer = await withDeadline(DEADLINE, Promise.resolve().then(source.ask), late)
        const token = await tokenIn(answer, isRefusal)
        failing.delete(source.name)
        fetched = [...fetched.filter((each) => each !== token), token].slice(-REMEMBERED)
        return token
      } catch (cause) {
        failure = explain(cause, isRefusal)
        // A refusal is final. Another source is asked only when this one is gone, hangs or fails.
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
    fetching ??= fetchToken().finally(() => {
      fetching = undefined
    })
    return fetching
  }

  return {
    async credentials() {
      latest = await fetchOnce()
      return latest === undefined ? {} : { token: latest }
    },
    refused() {
      refusedToken = latest
    },
    async isRenewed(source) {
      // A fetch that is under way may have asked another source.
      await fetching?.catch(() => {})
      if (source !== undefined) {
        preferred = source
        failing.delete(source)
      }
      return fetchOnce().then(
        (token) => token !== undefined && token !== refusedToken,
        () => false,
      )
    },
    redact(text) {
      // The longest first, because one token may begin with another.
      const texts = fetched.flatMap((token) => [token, inQuery(token)])
      const tokens = texts.sort((a, b) => b.length - a.length)
      return tokens.reduce(cutOut, text).replaceAll(CUT, '[token]').slice(0, LONGEST)
    },
  }
}

/** A token as it stands in the query of an address. */
const inQuery = (token: string) => new URLSearchParams({ token }).toString().slice('token='.length)

function cutOut(text: string, token: string): string {
  return text.replaceAll(token, (found, at: number) => {
    const around = text.charAt(at - 1) + text.charAt(at + token.length)
    return token.length < SHORT && /\w/.test(around) ? found : CUT
  })
}

async function tokenIn(answer: unknown, isRefusal: AuthParts['isRefusal']): Promise<string> {
  if (answer instanceof Response) {
    const { status } = answer
    const message = `The token endpoint answered ${status}.`
    if (status === 401 || status === 403) throw refusal(message)
    if (!answer.ok) throw failed(message)
    return tokenIn(await answer.json(), isRefusal)
  }
  const body = isObject(answer) ? answer : {}
  const token = typeof answer === 'string' ? answer : body['token']
  if (typeof token === 'string' && token !== '') return token
  if (isRefusal({ message: String(body['error'] ?? body['message'] ?? ''), data: body })) {
    throw refusal('The token endpoint refused the request.')
  }
  throw failed('The token function returned neither a string nor { token }.')
}

const refusal = (message: string) => new PartylineError('refused', message)
const failed = (message: string) => new PartylineError('token-failed', message)

/** Explains what a source threw. Its own message is left out, because it may contain secrets. */
function explain(cause: unknown, isRefusal: AuthParts['isRefusal']): PartylineError {
  if (cause instanceof PartylineError) return cause
  const message = cause instanceof Error ? cause.message : ''
  if (isRefusal({ message, data: cause })) return refusal('The token function was refused.')
  return failed(`The token could not be fetched (${cause instanceof Error ? cause.name : typeof cause}).`)
}
