import type { State } from '../src/protocol'

export interface VersionParts {
  readonly url: string
  /** ms between two polls, give or take a fifth. */
  readonly every: number
  /** ms one answer may take. */
  readonly timeout: number
  /** The version in a body; `undefined` for anything else. */
  readonly read: (body: string) => string | undefined
  /** `answeringFor`: for how many ms the endpoint has gone on giving a version while the link is down; 0 while it is up. */
  readonly answered: (version: string, answeringFor: number) => void
  /** No version could be had: for the record alone. */
  readonly unreachable: (why: string) => void
  /** A request goes out. */
  readonly asked: () => void
}

export interface VersionPoll {
  /** The connection's state is another: polls while the link is down, looks once when it is up. */
  turned(state: State): void
  /** Nobody is left: what is under way is aborted. */
  rest(): void
  /** Looks once, after so many ms. */
  look(delay: number): void
}

/** The longest first wait of an outage. */
const SOON = 2000
/** More than this is no version. */
const MOST = 4096

const isDown = (state: State | undefined) => state === 'offline' || state === 'unauthorized'

/**
 * Asks a version endpoint over plain HTTP.
 * - No request while at rest, but the single looks that are asked for.
 * - One request at a time, each with a deadline; `rest` aborts it.
 * - An answer that is no version is never taken for one.
 */
export function createVersionPoll({
  url,
  every,
  timeout,
  read,
  answered,
  unreachable,
  asked,
}: VersionParts): VersionPoll {
  /** `undefined` at rest. An attempt under way changes nothing, so `connecting` is not among them. */
  let state: State | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let request: AbortController | undefined
  /** The unbroken run of answers with a version, in this outage: when the first of them came, and the last. */
  let run: { readonly first: number; readonly last: number } | undefined

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

  async function poll() {
    request?.abort()
    const own = new AbortController()
    request = own
    asked()
    const late = setTimeout(() => own.abort(), timeout)
    let result: { version: string } | { why: string }
    try {
      const response = await fetch(url, { cache: 'no-store', credentials: 'include', signal: own.signal })
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      const version = read(await textOf(response))
      if (version === undefined) throw new Error('no version in the answer')
      result = { version }
    } catch (error) {
      result = { why: error instanceof Error ? error.message : String(error) }
    }
    clearTimeout(late)
    // Aborted because a newer look, or rest, took its place: its answer is of no interest.
    if (request !== own) return
    request = undefined
    if (isDown(state)) schedule(every * (0.8 + 0.4 * Math.random()))
    if ('version' in result) return answered(result.version, answeringFor())
    run = undefined
    unreachable(result.why)
  }

  function rest() {
    state = undefined
    run = undefined
    clearTimeout(timer)
    request?.abort()
    request = undefined
  }

  return {
    turned(next) {
      if (next === 'connecting' || next === state) return
      const isPolling = isDown(state) && isDown(next)
      if (!isDown(next)) rest()
      state = next
      run = undefined
      if (next === 'online') schedule(0)
      else if (isDown(next) && !isPolling) schedule(Math.random() * Math.min(SOON, every))
    },
    rest,
    look: schedule,
  }
}

/** A body, read no further than a version can be long. */
async function textOf(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.length
    if (size > MOST) {
      await reader.cancel()
      throw new Error(`an answer of over ${MOST} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
