export interface VersionParts {
  readonly url: string
  /** ms between two polls, give or take a fifth. */
  readonly every: number
  /** ms one answer may take. */
  readonly timeout: number
  /** The version in a body; `undefined` for anything else. */
  readonly read: (body: string) => string | undefined
  readonly answered: (version: string) => void
  /** No version could be had: for the record alone. */
  readonly unreachable: (why: string) => void
  /** A request goes out. */
  readonly asked: () => void
}

export interface VersionPoll {
  /** The link is down: polls soon, and then every so often, until `rest`. */
  start(): void
  /** The link is up, or nobody is left: what is under way is aborted. */
  rest(): void
  /** Looks once, after so many ms. */
  look(delay: number): void
}

/** The longest first wait of an outage. */
const SOON = 2000
/** More than this is no version. */
const MOST = 4096

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
  let polling = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let request: AbortController | undefined

  function schedule(delay: number) {
    clearTimeout(timer)
    timer = setTimeout(poll, delay)
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
    if (polling) schedule(every * (0.8 + 0.4 * Math.random()))
    if ('version' in result) answered(result.version)
    else unreachable(result.why)
  }

  return {
    start() {
      if (polling) return
      polling = true
      schedule(Math.random() * Math.min(SOON, every))
    },
    rest() {
      polling = false
      clearTimeout(timer)
      request?.abort()
      request = undefined
    },
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
