import { setTimeout as sleep } from 'node:timers/promises'

/** The W3C WebDriver protocol, as far as the tests need it: windows, addresses, and scripts. */

type Method = 'GET' | 'POST' | 'DELETE'

async function call(
  address: string,
  method: Method,
  body?: object,
  signal: AbortSignal | null = null,
): Promise<unknown> {
  const { ok, value } = await ask(address, { method, signal, ...(body && { body: JSON.stringify(body) }) })
  if (ok) return value
  const { error, message } = value as { error: string; message: string }
  throw new Error(`WebDriver: ${error}: ${message}`)
}

async function ask(address: string, request: RequestInit): Promise<{ ok: boolean; value: unknown }> {
  try {
    const response = await fetch(address, request)
    const { value } = (await response.json()) as { value: unknown }
    return { ok: response.ok, value }
  } catch (cause) {
    throw new Error('WebDriver: no answer.', { cause })
  }
}

/** A session with a browser. It has one current window, so commands take turns until the driver has read their window. */
export interface Session {
  readonly browserVersion: string
  /** The handles of the windows that this session may drive. */
  windows(): Promise<readonly string[]>
  /** Opens an empty window. Resolves to its handle. */
  open(): Promise<string>
  /** Begins to load an address in a window. */
  load(window: string, url: string): Promise<void>
  /** Begins to load a window's page again. */
  reload(window: string): Promise<void>
  /** The value of an expression in a window, or what its promise resolves to. A document runs a script of the same `id` once. */
  evaluate(window: string, expression: string, id: number): Promise<unknown>
  close(window: string): Promise<void>
  end(): Promise<void>
}

/** For how long a document keeps what a script has resulted in, in ms: the answer may be lost with its driver. */
const KEPT_FOR = 30_000

/** How often to look whether a script's document is still there, in ms. */
const LOOK_EVERY = 500

/** Starts a session with the browser that the driver at this address is for. Right after a crash, the browser may never answer. */
export async function createSession(driver: string, within: number): Promise<Session> {
  // Otherwise each command would wait for a window that loads.
  const capabilities = { alwaysMatch: { pageLoadStrategy: 'none', timeouts: { script: 600_000 } } }
  const created = await call(`${driver}/session`, 'POST', { capabilities }, AbortSignal.timeout(within))
  const { sessionId, capabilities: got } = created as {
    readonly sessionId: string
    readonly capabilities: { readonly browserVersion: string }
  }
  const session = `${driver}/session/${sessionId}`
  let current: string | undefined
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = last.then(act)
    last = result.catch(() => {})
    return result
  }

  /** Sends a command to a window. The next one need not wait for the answer: a page may be busy, or frozen. */
  async function send(window: string, method: Method, path: string, body?: object): Promise<unknown> {
    const { answer } = await inTurn(async () => {
      await switchTo(window)
      const answer = call(session + path, method, body)
      await Promise.race([answer.catch(() => {}), isRead()])
      return { answer }
    })
    return answer
  }

  /** Resolves once the driver has read what was sent before. It reads its connections by turns, and accepts new ones one turn earlier. */
  async function isRead(): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) await call(`${session}/window`, 'GET').catch(() => {})
  }

  const execute = (window: string, script: string) =>
    send(window, 'POST', '/execute/async', { script, args: [] })

  /**
   * Resolves once the document of a script that has not ended is gone: one in the back/forward cache never answers. Looks only as long as the
   * window is the current one: all others would wait for a switch to a window that is blocked.
   */
  async function lost(window: string, id: number, ended: Promise<unknown>) {
    let isOver = false
    const over = () => {
      isOver = true
    }
    ended.then(over, over)
    const isThere = () => execute(window, `arguments[0](window.runningScripts?.has(${id}) === true)`)
    do await sleep(LOOK_EVERY)
    while (!isOver && (current !== window || (await isThere().catch(() => false))))
    // Its answer may be on the way.
    await sleep(LOOK_EVERY)
    return { failure: 'The page went away before the script ended.' }
  }

  const windows = async () => (await call(`${session}/window/handles`, 'GET')) as readonly string[]

  async function switchTo(handle: string | undefined): Promise<void> {
    if (handle !== current) await call(`${session}/window`, 'POST', { handle })
    current = handle
  }

  return {
    browserVersion: got.browserVersion,
    windows,
    open: () =>
      inTurn(async () => {
        // Like all commands, this one fails if the current window was closed.
        if (current === undefined) await switchTo((await windows())[0])
        const { handle } = (await call(`${session}/window/new`, 'POST', { type: 'window' })) as {
          handle: string
        }
        return handle
      }),
    load: async (window, url) => void (await send(window, 'POST', '/url', { url })),
    reload: async (window) => void (await send(window, 'POST', '/refresh', {})),
    async evaluate(window, expression, id) {
      // As text, because `undefined` would become null.
      const answered = execute(
        window,
        `const scripts = (window.runningScripts ??= new Map())
        if (!scripts.has(${id})) scripts.set(${id}, (async () => (${expression}))().then(
          (value) => ({ json: JSON.stringify(value) ?? '' }),
          (error) => ({ failure: String(error) }),
        ))
        void scripts.get(${id}).then(arguments[0]).then(() => setTimeout(() => scripts.delete(${id}), ${KEPT_FOR}))`,
      ) as Promise<{ readonly json: string } | { readonly failure: string }>
      const answer = await Promise.race([answered, lost(window, id, answered)])
      if ('failure' in answer) throw new Error(answer.failure)
      return answer.json === '' ? undefined : JSON.parse(answer.json)
    },
    async close(window) {
      await send(window, 'DELETE', '/window')
      current = undefined
    },
    end: async () => void (await call(session, 'DELETE')),
  }
}
