import { connect, type Line } from 'partyline'
import { test as base, expect } from 'vitest'
import { commands } from 'vitest/browser'
import type { EnginePage, Need, PageLook } from '../engines/engine'
import type { PhonePage } from '../engines/phone'
import { type Ability, missing } from './abilities'
import type { CableServerOptions, CableTestServer } from './cable-server'
import { type Coverage, readCoverage } from './counters'
import { addCoverage, addOthers, addWorkerCoverage, isCovered } from './coverage'
import type { Dashboard } from './dashboard.worker'
import type { DatabaseState } from './database'
import type { FlakyProxy } from './flaky-proxy'
import type { Order } from './orders'
import type { TestServer, TestServerOptions } from './server'
import type { StreamServerOptions, StreamTestServer } from './stream-server'
import type { TabSettings, TabWindow } from './tab'
import type { WebSocketServerOptions, WebSocketTestServer } from './websocket-server'

/** The `bench` fixture of browser tests: it starts servers and tabs, ends them after the test, and adds up their coverage. */

export type Remote<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never
} & { url(): Promise<string> }
type Commands = Record<string, (...args: unknown[]) => Promise<never>>
const nodeCommands = commands as unknown as Commands & {
  serverStart(options: TestServerOptions): Promise<{ id: number; url: string }>
  websocketStart(options: WebSocketServerOptions): Promise<{ id: number; url: string }>
  cableStart(options: CableServerOptions): Promise<{ id: number; url: string }>
  streamStart(options: StreamServerOptions): Promise<{ id: number; url: string }>
  proxyStart(target: string): Promise<{ id: number; url: string }>
}

const remote = <T extends object>(call: string, { id, url }: { id: number; url: string }) =>
  new Proxy({ url: async () => url } as unknown as Remote<T>, {
    get: (target, method: string) =>
      method in target || method === 'then'
        ? Reflect.get(target, method)
        : (...args: unknown[]) => nodeCommands[call]?.(id, method, args),
  })

/** A tab, in a frame or in a page. Functions are sent to a page as text: they see only their arguments. */
export interface Tab {
  run<T, Args extends unknown[]>(
    act: (tab: TabWindow, ...args: Args) => T | Promise<T>,
    ...args: Args
  ): Promise<T>
  reload(): Promise<void>
  close(): Promise<void>
  /** Navigates to another address; only for pages. */
  goto(url: string): Promise<void>
  /** Ends its process without an event; only for pages. */
  crash(): Promise<void>
  /** Freezes the page, or wakes it; only for pages from `freezable`. */
  freeze(isFrozen: boolean): Promise<void>
  /** The memory of its process, in MB; only for pages from `alone`, and only where it can be read. */
  memory(): Promise<number | undefined>
  /** The heap sizes of page and worker after a forced garbage collection, in bytes; only for pages. */
  heap(): Promise<{ readonly page: number; readonly worker: number }>
  /** Presses a key; only for pages, like the two below. */
  press(key: string): Promise<void>
  look(look: PageLook): Promise<void>
  /** Presses the button with this name, and waits for the file that it downloads. */
  download(button: string): Promise<{ readonly name: string; readonly text: string }>
}

/** A tab of a phone, which can be frozen, brought to the front or the background, discarded, and restored. */
export interface PhoneTab extends Tab {
  show(isInFront: boolean): Promise<void>
  discard(): Promise<void>
  restore(): Promise<void>
}

/** Resolves once a panel of a tab is live. */
export const isLive = (tab: Pick<Tab, 'run'>, panel = 'errors') =>
  expect.poll(() => tab.run(({ line }, name) => line.panel(name as 'errors').state, panel)).toBe('live')

const onlyPages = () => Promise.reject(new Error('A frame cannot do this: open the tab with `bench.page`.'))

/** A worker file in this folder, or in that of the real servers. */
export type WorkerFile =
  | 'dashboard'
  | 'rerun'
  | 'websocket'
  | 'cable'
  | 'stream'
  | 'link'
  | 'schema'
  | `../servers/${string}`

type WorkerOrder = 'die' | 'throw' | 'delete database' | number | Pick<Order, 'write'>

export interface Bench {
  readonly id: string
  /** Skips the test in an engine that lacks this, with the reason that docs/engines.md shows. */
  needs(ability: Ability): void
  server(options?: TestServerOptions): Promise<Remote<TestServer>>
  websocketServer(options?: WebSocketServerOptions): Promise<Remote<WebSocketTestServer>>
  cableServer(options?: CableServerOptions): Promise<Remote<CableTestServer>>
  streamServer(options?: StreamServerOptions): Promise<Remote<StreamTestServer>>
  proxy(target: string): Promise<Remote<FlakyProxy>>
  /** Sets the options of `serve` for tabs that are opened later, and the worker file: that of a kind of server. */
  serve(options: object, file?: WorkerFile): void
  /** Opens a tab in an iframe, which is fast. */
  frame(settings?: Partial<TabSettings>): Promise<Tab>
  /** Opens a tab in its own page, which can be reloaded, navigated away and crashed. */
  page(settings?: Partial<TabSettings>): Promise<Tab>
  /** Opens a page of another site. Its script sets `window.tab`, as far as the test needs it. */
  visit(url: string): Promise<Tab>
  /** Opens a page that can be frozen and woken. */
  freezable(settings?: Partial<TabSettings>): Promise<Tab>
  /** Opens a page in its own process. */
  alone(settings?: Partial<TabSettings>): Promise<Tab>
  /** Starts a phone's browser. */
  phone(): Promise<{
    open(settings?: Partial<TabSettings>): Promise<PhoneTab>
    /** Stops all pages and workers, as in a phone that sleeps, or lets them run again. */
    sleep(isAsleep: boolean): Promise<void>
  }>
  /** A browser with a profile of its own, which starts when it is first used. `close` ends it; the next page starts it again. */
  browser(args?: readonly string[]): Promise<{
    page(settings?: Partial<TabSettings>): Promise<Tab>
    /** Answers in the user's place whether a site may do something. */
    permit(origin: string, name: string, setting: PermissionState): Promise<void>
    close(): Promise<void>
  }>
  /**
   * Starts the worker of the file `rerun`; to be called before its tabs are opened. The result begins it anew as WebKit does: without a
   * sign to the pages, with a fresh global on the same ports.
   */
  rerunnable(settings?: Partial<TabSettings>): Promise<() => Promise<void>>
  /** The address of a page with one component, for a test that opens it by itself. */
  screen(settings?: Partial<TabSettings>): string
  /** Connects a line in the test's own page. */
  line(): Line<Dashboard>
  /** What the worker wrote to its console. */
  readonly consoleMessages: readonly string[]
  /** Tells the test's worker, or that of a build or of a tab, to `die`, to `throw` ten times within half a second, to `delete database`, to hang for this many ms, or to do so while it writes. */
  worker(order: WorkerOrder | { build?: string; tab?: string; order: WorkerOrder }): void
  /** Moves the worker's wall clock by this many ms. Resolves once that is done. */
  setClock(by: number): Promise<void>
  /** Breaks the worker's database, or mends it. Resolves once that is done. */
  setDatabase(state: DatabaseState): Promise<void>
  /** Removes the worker's files, or the one of a build, or restores them. */
  file(is: 'gone' | 'back', build?: string): Promise<void>
  /** Deploys a build whose worker file has a name of its own: tabs that are opened or reloaded later run it. */
  deploy(build: string): void
  /** Deploys another text under the same name: the same script, with this code in front. */
  edit(code: string): Promise<void>
  /** The name of the worker's database for a server. */
  database(url: string): string
  /** Deletes all databases, as clearing the site's data does. */
  wipeDatabases(): Promise<void>
}

async function frameTab(url: string): Promise<Tab> {
  const frame = document.createElement('iframe')
  const loaded = () => new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  const first = loaded()
  frame.src = url
  document.body.append(frame)
  await first
  const inside = () => frame.contentWindow as unknown as { tab: TabWindow; __VITEST_COVERAGE__?: Coverage }
  return {
    run: async (act, ...args) => await act(inside().tab, ...args),
    async reload() {
      addCoverage(inside().__VITEST_COVERAGE__)
      const again = loaded()
      frame.contentWindow?.location.reload()
      await again
    },
    async close() {
      if (frame.isConnected) addCoverage(inside().__VITEST_COVERAGE__)
      frame.remove()
    },
    goto: onlyPages,
    crash: onlyPages,
    freeze: onlyPages,
    memory: async () => undefined,
    heap: onlyPages,
    press: onlyPages,
    look: onlyPages,
    download: onlyPages,
  }
}

async function pageTab(opening: Promise<unknown> | undefined, test: string): Promise<Tab> {
  const page = (await opening) as number
  const call = async (method: keyof EnginePage, ...args: unknown[]) =>
    (await nodeCommands['pageCall']?.(page, method, args)) as never
  const takeCoverage = async () => {
    if (!isCovered()) return
    const coverage: string = await call('run', `${readCoverage}`, []).catch(() => '{}')
    addCoverage(JSON.parse(coverage))
  }
  let open = true
  return {
    run: (act, ...args) => call('run', `(...args) => (${act})(window.tab, ...args)`, args),
    async reload() {
      await takeCoverage()
      await call('reload')
    },
    async close() {
      if (!open) return
      open = false
      await takeCoverage()
      await nodeCommands['pageClose']?.(page)
    },
    async goto(to) {
      await takeCoverage()
      await call('goto', to)
    },
    async crash() {
      await takeCoverage()
      await call('crash')
    },
    freeze: (isFrozen) => call('freeze', isFrozen),
    memory: () => call('memory'),
    heap: () => call('heap', test),
    press: (key) => call('press', key),
    look: (look) => call('look', look),
    download: (button) => call('download', button),
  }
}

// The worker's modules are compiled when the first worker starts. Done here, so that no test has to wait for it.
await new Promise((compiled) => {
  const worker = new Worker('/test/support/dashboard.worker.ts?worker_file&type=module', { type: 'module' })
  // Without a name it throws, which shows that it is compiled.
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    compiled(undefined)
  }
})

let count = 0

export const test = base.extend<{ bench: Bench }>({
  bench: async ({ skip }, use) => {
    count += 1
    const id = `${Date.now()}-${count}`
    const tabs: Tab[] = []
    const lines: Line<Dashboard>[] = []
    const channel = new BroadcastChannel(`worker ${id}`)
    const consoleMessages: string[] = []
    channel.onmessage = ({ data }) => {
      if (data.consoleMessage) consoleMessages.push(data.consoleMessage)
    }
    const obeyed = (order: Order) =>
      new Promise<void>((resolve) => {
        channel.addEventListener('message', ({ data }) => data.obeyed === JSON.stringify(order) && resolve())
        channel.postMessage(order)
      })
    let options: object = {}
    let build = ''
    let file: WorkerFile = 'dashboard'

    const workerFile = (fails = 0) => {
      const query = new URLSearchParams({ test: id, options: JSON.stringify(options) })
      return `/test/support/${file}.worker.ts?worker_file&type=module&${query}&fails=${fails}&build=${build}`
    }
    const url = (settings: Partial<TabSettings>, page = 'tab') => {
      const worker = workerFile(settings.fails)
      const full: TabSettings = { worker, ...settings, connect: { user: id, ...settings.connect } }
      return new URL(
        `/test/support/${page}.html?settings=${encodeURIComponent(JSON.stringify(full))}`,
        location.href.replace(location.hostname, settings.host ?? location.hostname),
      ).href
    }
    const keep = (tab: Tab) => {
      tabs.push(tab)
      return tab
    }
    const open = async (address: string, need?: Need) =>
      keep(await pageTab(nodeCommands['pageOpen']?.(address, need), id))

    await use({
      id,
      needs(ability) {
        const reason = missing(ability)
        skip(reason !== undefined, reason)
      },
      server: async (serverOptions = {}) =>
        remote<TestServer>('serverCall', await nodeCommands.serverStart(serverOptions)),
      websocketServer: async (serverOptions = {}) =>
        remote<WebSocketTestServer>('serverCall', await nodeCommands.websocketStart(serverOptions)),
      cableServer: async (serverOptions = {}) =>
        remote<CableTestServer>('serverCall', await nodeCommands.cableStart(serverOptions)),
      streamServer: async (serverOptions = {}) =>
        remote<StreamTestServer>('serverCall', await nodeCommands.streamStart(serverOptions)),
      proxy: async (target) => remote<FlakyProxy>('proxyCall', await nodeCommands.proxyStart(target)),
      serve(next, nextFile = 'dashboard') {
        options = next
        file = nextFile
      },
      frame: async (settings = {}) => keep(await frameTab(url(settings))),
      page: (settings = {}) => open(url(settings)),
      visit: (address) => open(address),
      alone: (settings = {}) => open(url(settings), 'own process'),
      freezable: (settings = {}) => open(url(settings), 'freezable'),
      async phone() {
        const phone = await nodeCommands['phoneStart']?.()
        return {
          async open(settings = {}) {
            const opening = nodeCommands['phoneOpen']?.(phone, url(settings))
            const tab = keep(await pageTab(opening, id))
            const page = await opening
            const call = async (method: keyof PhonePage, ...args: unknown[]) =>
              void (await nodeCommands['pageCall']?.(page, method, args))
            return {
              ...tab,
              show: (isInFront) => call('show', isInFront),
              discard: () => call('discard'),
              restore: () => call('restore'),
            }
          },
          sleep: async (isAsleep) => void (await nodeCommands['phoneSleep']?.(phone, isAsleep)),
        }
      },
      async browser(args = []) {
        const profile = await nodeCommands['profileMake']?.(args)
        return {
          page: async (settings = {}) =>
            keep(await pageTab(nodeCommands['profileOpen']?.(profile, url(settings)), id)),
          permit: async (...answer) => void (await nodeCommands['profilePermit']?.(profile, ...answer)),
          close: async () => void (await nodeCommands['profileClose']?.(profile)),
        }
      },
      async rerunnable(settings = {}) {
        const page = await open(url(settings, 'rerun'))
        return () => page.run((page) => (page as unknown as { rerun(): Promise<void> }).rerun())
      },
      screen: (settings = {}) => url(settings, 'screen'),
      line() {
        const line = connect<Dashboard>(
          (factoryOptions) => new SharedWorker(workerFile(), { ...factoryOptions, type: 'module' }),
          { user: id },
        )
        lines.push(line)
        return line
      },
      consoleMessages,
      worker: (order) => channel.postMessage(order),
      setClock: (by) => obeyed({ clock: by }),
      setDatabase: (state) => obeyed({ database: state }),
      deploy(next) {
        build = next
      },
      edit: async (code) => void (await nodeCommands['workerEdit']?.(id, code)),
      file: async (is, of) => void (await nodeCommands['workerFile']?.(id, is, of)),
      database: (address) => `partyline/1/${encodeURIComponent(id)}@${new URL(address).href}`,
      wipeDatabases: async () => void (await nodeCommands['databasesWipe']?.()),
    })

    if (isCovered()) await addWorkerCoverage(id)
    for (const line of lines) line.close()
    await nodeCommands['workerFile']?.(id, 'back')
    await Promise.all(tabs.map((tab) => tab.close().catch(() => {})))
    if (isCovered()) await addOthers()
    await nodeCommands['cleanUp']?.()
    channel.close()
  },
})
