import {
  connect,
  type FactoryOptions,
  type Line,
  type PartylineError,
  reloader,
  type SendOptions,
} from 'partyline'
import type { Dashboard } from './dashboard.worker'
import { createInspectors } from './inspected'
import { createRecord } from './record'

/** A page of the tests' dashboard: connects one or more lines, and records what they report. */

export interface TabSettings {
  /** The worker file's address. */
  readonly worker: string
  readonly connect?: object
  /** The number of the worker, counted from 1, that never answers. */
  readonly unresponsive?: number
  /** `false`: the worker ends with the last tab, as it does in most browsers. */
  readonly extendedLifetime?: boolean
  /** Uses a dedicated worker, as in browsers without SharedWorker. */
  readonly dedicated?: boolean
  /** What the page's token function does: returns this token, never settles, or fails. */
  readonly token?: string | 'hang' | 'fail'
  /** How the tab is called in what it reports of `one` and `leads`, and in the lock of its dedicated worker. */
  readonly name?: string
  /** Panels to subscribe to with `tab: 'one'` when the page loads. Each event is reported on the channel `one <user>`. */
  readonly one?: readonly string[]
  /** Listens to `lead` when the page loads, and reports it on that channel. */
  readonly leads?: boolean
  /** The page is in the background when it loads. */
  readonly inBackground?: boolean
  /** Panels to subscribe to when the page loads. */
  readonly panels?: readonly (string | readonly string[])[]
  /** How often the request for the worker's script is answered with 503 before it succeeds. */
  readonly fails?: number
  /** The host the page is loaded from: `plain.test` is not a secure context. */
  readonly host?: string
  /** What the tab has in its session storage, like a tab that is restored after it was discarded. */
  readonly storage?: Readonly<Record<string, string>>
  /** How many lines the page connects. @default 1 */
  readonly lines?: number
  /** Methods to call on the line right after `connect`. */
  readonly early?: readonly ('retry' | 'disconnect' | 'connect' | 'inspect' | 'signOut')[]
  /** Subscribes again to the panels that the tab had before its reload. */
  readonly restores?: boolean
  /** Connects a second line, which subscribes to these panels. */
  readonly second?: {
    readonly panels?: TabSettings['panels']
    /** Uses a second copy of the library, like a page that loads two bundles. */
    readonly copy?: boolean
  }
  /** Closes each line at once and connects it again, as React's StrictMode does. */
  readonly remounts?: boolean
}

const settings: TabSettings = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}')
for (const [key, value] of Object.entries(settings.storage ?? {})) sessionStorage.setItem(key, value)
let posts = 0

/** Values that tests may change. */
const given = { token: settings.token, worker: settings.worker }

let started = 0

function factory({ name, extendedLifetime }: FactoryOptions): SharedWorker | Worker {
  started += 1
  // Like the port that a browser returns when it has not noticed yet that the worker ended.
  if (started === settings.unresponsive)
    return { port: new MessageChannel().port1, addEventListener() {} } as never
  const options = {
    name,
    extendedLifetime: settings.extendedLifetime ?? extendedLifetime,
    type: 'module',
  } as const
  if (!settings.dedicated) return new SharedWorker(given.worker, options)
  const worker = new Worker(given.worker, options)
  if (settings.name !== undefined) worker.postMessage(settings.name)
  return worker
}

// Counts messages of the tab's own port before the library receives them.
const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')
Object.defineProperty(MessagePort.prototype, 'onmessage', {
  ...onmessage,
  set(listener: (event: MessageEvent) => void) {
    onmessage?.set?.call(this, (event: MessageEvent) => {
      // Messages with an id are answers to calls.
      if (!('id' in event.data)) posts += 1
      listener(event)
    })
  },
})

let asked = 0
async function token(): Promise<string> {
  asked += 1
  if (given.token === 'hang') await new Promise(() => {})
  if (given.token === undefined || given.token === 'fail') throw new Error('no token')
  return given.token
}

/** Loads a second copy of the library. */
async function loadCopy(): Promise<typeof connect> {
  await new Promise((resolve, reject) => {
    // Vitest replaces `import()` with its own function, which these pages do not have.
    const script = document.createElement('script')
    script.type = 'module'
    script.src = '/test/support/copy.ts?bundle'
    script.addEventListener('load', resolve)
    script.addEventListener('error', reject)
    document.head.append(script)
  })
  return (window as unknown as { copy: typeof connect }).copy
}

/** Brings the page to the front or to the background, as far as scripts can see. */
function show(state: 'visible' | 'hidden') {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}
if (settings.inBackground) show('hidden')

/** What a page reports of `one` and `leads`, and when. Posted at once, so that it survives a crash of the page. */
export type Report = { readonly tab: string; readonly at: number } & (
  | { readonly n: number; readonly replayed: boolean; readonly visible: boolean }
  | { readonly leads: boolean }
)

const reports = new BroadcastChannel(`one ${(settings.connect as { user?: string } | undefined)?.user}`)
const { name: own = '' } = settings
const report = (what: { n: number; replayed: boolean; visible: boolean } | { leads: boolean }) =>
  reports.postMessage({ tab: own, at: Date.now(), ...what } satisfies Report)

const lines: ReturnType<typeof createRecord>[] = []
function open(panels: TabSettings['panels'] = [], from = connect) {
  const options = { ...settings.connect, ...(settings.token !== undefined && { token }) }
  if (settings.remounts) from<Dashboard>(factory, options).close()
  const record = createRecord(from<Dashboard>(factory, options), panels, lines.length)
  lines.push(record)
  return record
}
const first = open(settings.panels)
const { line } = first
const ring = ({ data, replayed }: { data: unknown; replayed: boolean }) =>
  report({ n: (data as { n: number }).n, replayed, visible: document.visibilityState === 'visible' })
for (const panel of settings.one ?? []) line.subscribe(panel as 'errors', ring, { tab: 'one' })
if (settings.leads) line.on('lead', (leads) => report({ leads }))
const early = settings.early?.map((name) => line[name]()) ?? []
for (const call of early) call.catch(() => {})
for (let n = 1; n < (settings.lines ?? 1); n += 1) open()
if (settings.second) open(settings.second.panels, settings.second.copy ? await loadCopy() : connect)
if (settings.restores) first.restore()

/** What this page wrote to its console, and its uncaught errors. */
const complaints: string[] = []
for (const level of ['warn', 'error'] as const) {
  const say = console[level]
  console[level] = (...words: unknown[]) => {
    complaints.push(words.map(String).join(' '))
    say(...words)
  }
}
addEventListener('error', ({ message }) => complaints.push(message))
addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)))

/** Sends a message as untyped code does. Resolves to the answer, or to the error. */
async function send(
  name: string,
  payload: unknown,
  options?: SendOptions,
): Promise<{ readonly answer?: unknown; readonly reason?: string; readonly message?: string }> {
  try {
    return { answer: await line.send(name as 'alarm:ack', payload as never, options) }
  } catch (error) {
    const { reason, message } = error as PartylineError
    return { reason, message }
  }
}

export const tab = {
  ...first,
  send,
  /** All lines, in the order they were connected. */
  lines,
  /** Connects another line. */
  open,
  early,
  complaints,
  ...createInspectors(line as unknown as Line),
  show,
  ring,
  posts: () => posts,
  asked: () => asked,
  /** How many workers the factory has made. */
  started: () => started,
  given,
  reloader,
}
export type TabWindow = typeof tab
Object.assign(window, { tab })
