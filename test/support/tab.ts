import { connect, type FactoryOptions, type Line, reloader } from 'partyline'
import type { Dashboard } from './dashboard.worker'
import { createInspectors } from './inspected'
import { createRecord } from './record'

/** A page of the tests' dashboard: connects a line, or several, and writes down all they hear. */

export interface TabSettings {
  /** The worker file's address. */
  readonly worker: string
  readonly connect?: object
  /** Which of the workers it starts never answers. */
  readonly deaf?: number
  /** `false`: the worker ends with the last tab, as it does in most browsers. */
  readonly extendedLifetime?: boolean
  /** A worker of the tab's own, as where there is no SharedWorker. */
  readonly dedicated?: boolean
  /** What the page's token function does: gives this token, waits for ever, or fails. */
  readonly token?: string | 'hang' | 'fail'
  /** Panels to subscribe to as soon as the page runs. */
  readonly panels?: readonly (string | readonly string[])[]
  /** How often the server of the worker's script answers 503 before it gives it. */
  readonly fails?: number
  /** The host the page is loaded from: `plain.test` is not a secure context. */
  readonly host?: string
  /** What the tab finds in its storage, as when a discarded one is brought back. */
  readonly storage?: Readonly<Record<string, string>>
  /** How many lines of the same user the page has. @default 1 */
  readonly lines?: number
  /** Calls of the line right after `connect`. */
  readonly early?: readonly ('retry' | 'disconnect' | 'connect' | 'inspect' | 'signOut')[]
  /** Subscribes again to what the tab had before its reload. */
  readonly restores?: boolean
  /** Connects a second line, that subscribes to these panels. */
  readonly second?: {
    readonly panels?: TabSettings['panels']
    /** By a second copy of the library, as a page has it that loads two bundles. */
    readonly copy?: boolean
  }
  /** Closes each line as soon as it is connected, and connects it again, as React's StrictMode does. */
  readonly remounts?: boolean
}

const settings: TabSettings = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}')
for (const [key, value] of Object.entries(settings.storage ?? {})) sessionStorage.setItem(key, value)
let posts = 0

/** What tests may change. */
const given = { token: settings.token, worker: settings.worker }

let started = 0

function factory({ name, extendedLifetime }: FactoryOptions): SharedWorker | Worker {
  started += 1
  // What a browser gives that has not noticed yet that the worker has ended.
  if (started === settings.deaf) return { port: new MessageChannel().port1, addEventListener() {} } as never
  const options = {
    name,
    extendedLifetime: settings.extendedLifetime ?? extendedLifetime,
    type: 'module',
  } as const
  return settings.dedicated ? new Worker(given.worker, options) : new SharedWorker(given.worker, options)
}

// Messages of the tab's own port are counted where they arrive, below the library.
const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')
Object.defineProperty(MessagePort.prototype, 'onmessage', {
  ...onmessage,
  set(listener: (event: MessageEvent) => void) {
    onmessage?.set?.call(this, (event: MessageEvent) => {
      // The answers of calls come by another port.
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
    // Vitest replaces `import()` by something of its own, which these pages do not have.
    const script = document.createElement('script')
    script.type = 'module'
    script.src = '/test/support/copy.ts?bundle'
    script.addEventListener('load', resolve)
    script.addEventListener('error', reject)
    document.head.append(script)
  })
  return (window as unknown as { copy: typeof connect }).copy
}

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
const early = settings.early?.map((name) => line[name]()) ?? []
for (const call of early) call.catch(() => {})
for (let n = 1; n < (settings.lines ?? 1); n += 1) open()
if (settings.second) open(settings.second.panels, settings.second.copy ? await loadCopy() : connect)
if (settings.restores) first.restore()

/** What this page said on its console, and what nobody caught. */
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

export const tab = {
  ...first,
  /** The first line, and those that were connected after it. */
  lines,
  /** Connects another line. */
  open,
  early,
  complaints,
  ...createInspectors(line as unknown as Line),
  posts: () => posts,
  asked: () => asked,
  /** How many workers the factory has made. */
  started: () => started,
  given,
  reloader,
}
export type TabWindow = typeof tab
Object.assign(window, { tab })
