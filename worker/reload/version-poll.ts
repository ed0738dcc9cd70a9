import type { State } from '../../shared/status'

/** Where the version is read, how often and how long, in ms. */
export interface VersionSettings {
  readonly url: string
  /** The pause between two requests while the link is down; and while it is up, if there are any. */
  readonly every: number
  readonly online: number | undefined
  readonly timeout: number
  readonly credentials: 'same-origin' | 'include' | 'omit'
}

export interface VersionParts extends VersionSettings {
  /** The version in a body; `undefined` for anything else. */
  readonly read: (body: string) => string | undefined
  /** `answeringFor`: for how many ms the endpoint has gone on giving a version while the link is down; 0 while it is up. */
  readonly answered: (version: string, answeringFor: number) => void
  /** No version could be had: for the record alone. */
  readonly failed: (why: string) => void
  /** The endpoint is not one that gives versions: told once, with what came in place of one. */
  readonly unreadable: (what: string) => void
  /** A request goes out. */
  readonly asked: () => void
}

export interface VersionPoll {
  /** The connection's state is another: polls while the link is down, looks once when it is up, and goes on if that is wished. */
  turned(state: State): void
  /** Nobody is left: what is under way is aborted. */
  rest(): void
  /** Looks once, after so many ms. */
  look(delay: number): void
}

/** The longest first wait of an outage. */
const SOON = 2000
/** How long after an answer without a version the next one is asked for, if that is less than a poll away. */
const AGAIN = 5000
/** More than this is no version. */
const MOST = 4096
/** How much is told of what came in place of a version. */
const TOLD = 100

const isDown = (state: State | undefined) => state === 'offline' || state === 'unauthorized'

/**
 * Joins a version endpoint over plain HTTP.
 * - No request while at rest, but the single looks that are asked for.
 * - One request at a time, each with a deadline; `rest` aborts it.
 * - An answer that is no version is never taken for one. Two such answers in a row, both while the link is up, mean that
 *   the endpoint gives none, unless it ever did: a server that starts, or a proxy before it, may give one.
 */
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
  /** `undefined` at rest. An attempt under way changes nothing, so `connecting` is not among them. */
  let state: State | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let request: AbortController | undefined
  /** The unbroken run of answers with a version, in this outage: when the first of them came, and the last. */
  let run: { readonly first: number; readonly last: number } | undefined
  /** Set once the endpoint gave a version, or was reported: it is not doubted any more. */
  let isSettled = false
  /** Answers without a version in a row while the link is up. */
  let misses = 0

  function schedule(delay: number) {
    clearTimeout(timer)
    timer = setTimeout(poll, delay)
  }

  /** Extends the run. It is also over where no poll took place for a while, because the machine slept. */
  function answeringFor(): number {
    // A server that refuses us is not stuck.
    if (state !== 'offline') return 0
    const now = performance.now()
    const isUnbroken = run !== undefined && now - run.last <= 2 * every + timeout
    run = { first: isUnbroken && run ? run.first : now, last: now }
    return now - run.first
  }

  /** Goes on at the pace of the state. */
  function next() {
    const pace = isDown(state) ? every : state === 'online' ? online : undefined
    if (pace !== undefined) schedule(pace * (0.8 + 0.4 * Math.random()))
  }

  function doubt(what: string) {
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
    const late = setTimeout(() => own.abort(), timeout)
    const answer = await ask(own.signal).catch((error: unknown) => ({
      why: error instanceof Error ? error.message : String(error),
    }))
    clearTimeout(late)
    // Aborted because a newer look, or rest, took its place: its answer is of no interest.
    if (request !== own) return
    // The rest of a body that is no version is not loaded.
    own.abort()
    request = undefined
    next()
    if ('version' in answer) {
      isSettled = true
      return answered(answer.version, answeringFor())
    }
    run = undefined
    failed('why' in answer ? answer.why : answer.what)
    if ('why' in answer) misses = 0
    else doubt(answer.what)
  }

  /** The version, or what came in place of one: nothing of its body, which may be meant for nobody's eyes. */
  async function ask(signal: AbortSignal): Promise<{ version: string } | { what: string }> {
    const response = await fetch(url, { cache: 'no-store', credentials, signal })
    const type = response.headers.get('content-type') ?? 'no content type'
    const what = `HTTP ${response.status}, ${type}`.slice(0, TOLD)
    if (!response.ok) return { what }
    const body = await textOf(response)
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

/** A body; `undefined` where it is longer than a version can be, and read no further. */
async function textOf(response: Response): Promise<string | undefined> {
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
