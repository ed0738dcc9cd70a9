import type { State } from '../../shared/status'
import { messageOf } from '../thrown'

/** Where the version is read, and how often. All times are in ms. */
export interface VersionSettings {
  readonly url: string
  /** The pause between two requests while the link is down. */
  readonly every: number
  /** The pause while the link is up; `undefined`: no requests. */
  readonly online: number | undefined
  readonly timeout: number
  readonly credentials: 'same-origin' | 'include' | 'omit'
}

export interface VersionParts extends VersionSettings {
  /** Returns the version in a body; `undefined` where it has none. */
  readonly read: (body: string) => string | undefined
  /** The endpoint gave a version, and has done so for `answeringFor` ms while the link was down; 0 while it is up. */
  readonly answered: (version: string, answeringFor: number) => void
  /** The endpoint gave no version. */
  readonly failed: (why: string) => void
  /** The endpoint never gives versions. Called once, with what it answers instead. */
  readonly unreadable: (what: string) => void
  /** A request is sent. */
  readonly asked: () => void
}

/**
 * Asks a version endpoint over plain HTTP.
 * - No request at rest, except those that `look` asks for.
 * - One request at a time, each with a deadline; `rest` aborts it.
 * - An answer without a version is never taken for one. Two such answers in a row, both while the link is up, mean that the
 *   endpoint gives no versions; unless it ever did, because a starting server, or its proxy, may answer in its place.
 */
export interface VersionPoll {
  /** The connection's state has changed. Polls while the link is down; asks once when it is up, and again where `online` is set. */
  turned(state: State): void
  /** No tab is left: stops polling, and aborts a request. */
  rest(): void
  /** Asks once, after this many ms. */
  look(delay: number): void
}

/** The longest wait before the first request of an outage, in ms. */
const SOON = 2000
/** The pause after a first answer without a version, in ms, where `every` is longer. */
const AGAIN = 5000
/** The longest body that is read, in bytes. */
const MOST = 4096
/** How many characters of an answer's status and type are reported. */
const REPORTED = 100

const isDown = (state: State | undefined) => state === 'offline' || state === 'unauthorized'

export function createVersionPoll({
  url,
  every,
  online,
  timeout,
  credentials,
  read,
  answered,
  failed,
  unreadable,
  asked,
}: VersionParts): VersionPoll {
  /** `undefined` at rest; never `connecting`, because an attempt changes nothing. */
  let state: State | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let request: AbortController | undefined
  /** The unbroken run of answers with a version in this outage: when its first and its last one came. */
  let run: { readonly first: number; readonly last: number } | undefined
  /** Whether the endpoint gave a version, or was reported. Then it is not checked any more. */
  let isSettled = false
  /** How many answers in a row had no version while the link was up. */
  let misses = 0

  function schedule(delay: number) {
    clearTimeout(timer)
    timer = setTimeout(poll, delay)
  }

  /** Extends the run, and returns its length. A run also ends where no poll took place for a while, because the machine slept. */
  function answeringFor(): number {
    // With `unauthorized` the server answers, so the page is not stuck.
    if (state !== 'offline') return 0
    const now = performance.now()
    const isUnbroken = run !== undefined && now - run.last <= 2 * every + timeout
    run = { first: isUnbroken && run ? run.first : now, last: now }
    return now - run.first
  }

  /** Schedules the next request at the pace of the state. */
  function scheduleNext() {
    const pace = isDown(state) ? every : state === 'online' ? online : undefined
    if (pace !== undefined) schedule(pace * (0.8 + 0.4 * Math.random()))
  }

  function checkEndpoint(what: string) {
    if (isSettled || state !== 'online') return
    misses += 1
    if (misses === 1) return schedule(Math.min(AGAIN, every))
    isSettled = true
    unreadable(what)
  }

  async function poll() {
    request?.abort()
    const own = new AbortController()
    request = own
    asked()
    const deadline = setTimeout(() => own.abort(), timeout)
    const answer = await ask(own.signal).catch((error: unknown) => ({
      why: messageOf(error),
    }))
    clearTimeout(deadline)
    // A newer request, or rest, has taken its place.
    if (request !== own) return
    // Stops loading a body that is too long.
    own.abort()
    request = undefined
    scheduleNext()
    if ('version' in answer) {
      isSettled = true
      return answered(answer.version, answeringFor())
    }
    run = undefined
    failed('why' in answer ? answer.why : answer.what)
    if ('why' in answer) misses = 0
    else checkEndpoint(answer.what)
  }

  /** Returns the version, or what the endpoint answered instead: without the body, which may contain secrets. */
  async function ask(signal: AbortSignal): Promise<{ version: string } | { what: string }> {
    const response = await fetch(url, { cache: 'no-store', credentials, signal })
    const type = response.headers.get('content-type') ?? 'no content type'
    const what = `HTTP ${response.status}, ${type}`.slice(0, REPORTED)
    if (!response.ok) return { what }
    const body = await bodyOf(response)
    if (body === undefined) return { what: `${what}, over ${MOST} bytes` }
    const version = read(body)
    return version === undefined ? { what: body === '' ? `${what}, empty` : what } : { version }
  }

  function rest() {
    state = undefined
    run = undefined
    clearTimeout(timer)
    request?.abort()
    request = undefined
  }

  return {
    turned(to) {
      if (to === 'connecting' || to === state) return
      const isPolling = isDown(state) && isDown(to)
      if (!isDown(to)) rest()
      state = to
      run = undefined
      misses = 0
      if (to === 'online') schedule(0)
      else if (isDown(to) && !isPolling) schedule(Math.random() * Math.min(SOON, every))
    },
    rest,
    look: schedule,
  }
}

/** Reads a body; `undefined` where it is longer than a version can be. */
async function bodyOf(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.length
    if (size > MOST) return undefined
    text += decoder.decode(value, { stream: true })
  }
}
