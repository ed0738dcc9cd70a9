import { connect, type FactoryOptions, type Line, type LineEvents, reloader } from 'partyline'
import type { Dashboard } from './dashboard.worker'
import { createInspectors } from './inspected'

/** A page of the tests' dashboard: connects a line, and writes down all it hears. */

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
  /** Calls of the line right after `connect`. */
  readonly early?: readonly ('retry' | 'disconnect' | 'connect' | 'inspect' | 'signOut')[]
  /** Subscribes again to what the tab had before its reload. */
  readonly restores?: boolean
}

export type Heard = {
  panel: unknown
  room: string
  name: string
  data: unknown
  at: number
  replayed: boolean
}

const settings: TabSettings = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}')
for (const [key, value] of Object.entries(settings.storage ?? {})) sessionStorage.setItem(key, value)
/** All but `panels`, which says only that it is time to look. */
type Told = Exclude<keyof LineEvents, 'panels'>
const log: { [Name in Told]: LineEvents[Name][] } = {
  status: [],
  reload: [],
  gap: [],
  denied: [],
  signout: [],
  error: [],
}
const events: Heard[] = []
/** Events and gaps, in the order they came. */
const story: (Heard | LineEvents['gap'])[] = []
/** The story of this tab's earlier pages. */
const past: typeof story = []
const stops: (() => void)[] = []
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

// Frames share the storage of their page, and a duplicated tab has a copy of the original's: what was found is removed.
const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
if (window === top) {
  if (navigation?.type !== 'navigate') past.push(...JSON.parse(sessionStorage.getItem('story') ?? '[]'))
  const forget = () => sessionStorage.removeItem('story')
  forget()
  addEventListener('pageshow', forget)
  // A page that goes into the back/forward cache may be thrown out of it.
  addEventListener('pagehide', () => sessionStorage.setItem('story', JSON.stringify([...past, ...story])))
}

let asked = 0
async function token(): Promise<string> {
  asked += 1
  if (given.token === 'hang') await new Promise(() => {})
  if (given.token === undefined || given.token === 'fail') throw new Error('no token')
  return given.token
}

const line: Line<Dashboard> = connect<Dashboard>(factory, {
  ...settings.connect,
  ...(settings.token !== undefined && { token }),
})
const early = settings.early?.map((name) => line[name]()) ?? []
for (const call of early) call.catch(() => {})
for (const name of Object.keys(log) as Told[]) {
  line.on(name, (event) => (log[name] as unknown[]).push(event))
}
line.on('gap', (gap) => story.push(gap))
// What was kept for this tab is forgotten: what it had does not count any more.
line.on('signout', () => story.push({ signedOut: true } as never))
function hear(event: Heard) {
  events.push(event)
  story.push(event)
}
const subscribe = (panel: unknown) => stops.push(line.subscribe(panel as 'errors', hear)) - 1
for (const panel of settings.panels ?? []) subscribe(panel)

/** Panels that come and go. */
const toggled = new Map<string, () => void>()
function add(panel: unknown) {
  const index = subscribe(panel)
  toggled.set(JSON.stringify(panel), () => stops[index]?.())
}
function toggle(panel: unknown) {
  const key = JSON.stringify(panel)
  if (settings.panels?.some((each) => JSON.stringify(each) === key)) return
  const stop = toggled.get(key)
  if (toggled.delete(key)) return stop?.()
  // What was heard of it before does not count.
  story.push({ opens: panel } as never)
  add(panel)
}
if (settings.restores) {
  const known = new Set(settings.panels?.map((panel) => JSON.stringify(panel)))
  void line.restored.then((panels) => panels.filter((each) => !known.has(JSON.stringify(each))).forEach(add))
}

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
  line,
  early,
  complaints,
  ...createInspectors(line as unknown as Line),
  log,
  events,
  story,
  /** With what the tab's earlier pages heard. */
  saga: () => [...past, ...story],
  stops,
  subscribe,
  toggle,
  /** What this page is subscribed to at the moment. */
  panels: () => [...(settings.panels ?? []), ...[...toggled.keys()].map((key) => JSON.parse(key) as string)],
  posts: () => posts,
  asked: () => asked,
  given,
  reloader,
  ready: () =>
    line.ready.then(
      () => 'ready',
      (error) => ({ reason: error.reason, message: error.message }),
    ),
  data: () => events.map((event) => event.data),
}
export type TabWindow = typeof tab
Object.assign(window, { tab })
