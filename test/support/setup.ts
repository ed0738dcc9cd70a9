import { connect, type Line } from 'partyline'
import { test as base, expect } from 'vitest'
import { commands } from 'vitest/browser'
import type { Cable } from './cable'
import type { PageLook } from './commands'
import { type Coverage, readCoverage } from './counters'
import { addCoverage, addWorkerCoverage, isCovered, knownFiles } from './coverage'
import type { Dashboard } from './dashboard.worker'
import type { DatabaseState } from './database'
import type { TestServer, TestServerOptions } from './server'
import type { TabSettings, TabWindow } from './tab'

/** What tests are written with: a server, tabs, and everything ended and counted afterwards. */

type Remote<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never
} & { url(): Promise<string> }
type Commands = Record<string, (...args: unknown[]) => Promise<never>>
const outside = commands as unknown as Commands & {
  serverStart(options: TestServerOptions): Promise<{ id: number; url: string }>
  cableStart(target: string): Promise<{ id: number; url: string }>
}

const remote = <T extends object>(call: string, { id, url }: { id: number; url: string }) =>
  new Proxy({ url: async () => url } as unknown as Remote<T>, {
    get: (target, method: string) =>
      method in target || method === 'then'
        ? Reflect.get(target, method)
        : (...args: unknown[]) => outside[call]?.(id, method, args),
  })

/** A tab, wherever it runs. The functions given to `run` are sent there as text: they see only their arguments. */
export interface Tab {
  run<T, Args extends unknown[]>(
    act: (tab: TabWindow, ...args: Args) => T | Promise<T>,
    ...args: Args
  ): Promise<T>
  reload(): Promise<void>
  close(): Promise<void>
  /** Leads a page somewhere else; only for real pages. */
  goto(url: string): Promise<void>
  /** What its process has in memory, in MB; only for pages that were opened alone, where it can be known. */
  memory(): Promise<number | undefined>
  /** What it and the worker hold after a forced collection, in bytes; only for pages. */
  heap(): Promise<{ readonly page: number; readonly worker: number }>
  /** Presses a key; only for pages, as what follows. */
  press(key: string): Promise<void>
  look(look: PageLook): Promise<void>
  /** Presses the button of that name, and waits for the file it gives. */
  download(button: string): Promise<{ readonly name: string; readonly text: string }>
}

/** Resolves once a panel of a tab is live. */
export const isLive = (tab: Tab, panel = 'errors') =>
  expect.poll(() => tab.run(({ line }, name) => line.panel(name as 'errors').state, panel)).toBe('live')

const onlyPages = () => Promise.reject(new Error('only a page can do that'))

export interface Bench {
  readonly id: string
  server(options?: TestServerOptions): Promise<Remote<TestServer>>
  cable(target: string): Promise<Remote<Cable>>
  /** Options of `serve` for the tabs opened from now on. */
  serve(options: object): void
  /** A tab in an iframe: quick. */
  frame(settings?: Partial<TabSettings>): Promise<Tab>
  /** A tab in a page of its own: can be reloaded, led away, crashed. */
  page(settings?: Partial<TabSettings>): Promise<Tab>
  /** A page in a process of its own. */
  alone(settings?: Partial<TabSettings>): Promise<Tab>
  /** The address of a page with one component, for a test that opens it in a way of its own. */
  screen(settings?: Partial<TabSettings>): string
  /** A line of the test's own page. */
  line(): Line<Dashboard>
  /** What the worker said on its console. */
  readonly said: readonly string[]
  /** Tells the test's worker to `die`, to `throw` ten times within half a second, to hang for so many ms, to `delete database`, or how its database is to fail. */
  worker(order: 'die' | 'throw' | 'delete database' | number | { database: DatabaseState }): void
  /** Sets the worker's wall clock forward, or back, by so many ms. Resolves once that is done. */
  setClock(by: number): Promise<void>
  /** From now on the worker's file is missing, or is there again. */
  file(is: 'gone' | 'back'): Promise<void>
  /** The name of the worker's database, for a server's address. */
  database(url: string): string
  /** Takes all databases away, as who clears the site's data does. */
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
    memory: async () => undefined,
    heap: onlyPages,
    press: onlyPages,
    look: onlyPages,
    download: onlyPages,
  }
}

async function pageTab(url: string, command: 'pageOpen' | 'pageOpenAlone', test: string): Promise<Tab> {
  const page = (await outside[command]?.(url)) as unknown as number
  const run = async (source: string, args: unknown[] = []) =>
    (await outside['pageRun']?.(page, source, args)) as never
  const takeCoverage = async () => {
    if (!isCovered()) return
    const coverage: string = await run(`${readCoverage}`, [knownFiles()]).catch(() => '{}')
    addCoverage(JSON.parse(coverage))
  }
  let open = true
  return {
    run: (act, ...args) => run(`(...args) => (${act})(window.tab, ...args)`, args),
    async reload() {
      await takeCoverage()
      await outside['pageReload']?.(page)
    },
    async close() {
      if (!open) return
      open = false
      await takeCoverage()
      await outside['pageClose']?.(page)
    },
    async goto(to) {
      await takeCoverage()
      await outside['pageGoto']?.(page, to)
    },
    memory: async () => (await outside['pageMemory']?.(page)) as unknown as number | undefined,
    heap: async () => (await outside['pageHeap']?.(page, test)) as never,
    press: async (key) => void (await outside['pagePress']?.(page, key)),
    look: async (look) => void (await outside['pageLook']?.(page, look)),
    download: async (button) => (await outside['pageDownload']?.(page, button)) as never,
  }
}

// What a worker is made of is compiled when the first one asks for it. That is no test's time.
await new Promise((compiled) => {
  const worker = new Worker('/test/support/dashboard.worker.ts?worker_file&type=module', { type: 'module' })
  // It was given no name, and says so.
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    compiled(undefined)
  }
})

let count = 0

export const test = base.extend<{ bench: Bench }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixture's needs from this pattern
  bench: async ({}, use) => {
    count += 1
    const id = `${Date.now()}-${count}`
    const tabs: Tab[] = []
    const lines: Line<Dashboard>[] = []
    const channel = new BroadcastChannel(`worker ${id}`)
    const said: string[] = []
    channel.onmessage = ({ data }) => {
      if (data.said) said.push(data.said)
    }
    let options: object = {}

    const workerFile = (fails = 0) => {
      const query = new URLSearchParams({ test: id, options: JSON.stringify(options) })
      return `/test/support/dashboard.worker.ts?worker_file&type=module&${query}&fails=${fails}`
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

    await use({
      id,
      server: async (serverOptions = {}) =>
        remote<TestServer>('serverCall', await outside.serverStart(serverOptions)),
      cable: async (target) => remote<Cable>('cableCall', await outside.cableStart(target)),
      serve(next) {
        options = next
      },
      frame: async (settings = {}) => keep(await frameTab(url(settings))),
      page: async (settings = {}) => keep(await pageTab(url(settings), 'pageOpen', id)),
      alone: async (settings = {}) => keep(await pageTab(url(settings), 'pageOpenAlone', id)),
      screen: (settings = {}) => url(settings, 'screen'),
      line() {
        const line = connect<Dashboard>(
          (handed) => new SharedWorker(workerFile(), { ...handed, type: 'module' }),
          { user: id },
        )
        lines.push(line)
        return line
      },
      said,
      worker: (order) => channel.postMessage(order),
      async setClock(by) {
        const isSet = new Promise((resolve) =>
          channel.addEventListener('message', ({ data }) => data.isSet && resolve(true)),
        )
        channel.postMessage({ clock: by })
        await isSet
      },
      file: async (is) => void (await outside['workerFile']?.(id, is)),
      database: (address) => `partyline/1/${encodeURIComponent(id)}@${new URL(address).href}`,
      wipeDatabases: async () => void (await outside['databasesWipe']?.()),
    })

    if (isCovered()) await addWorkerCoverage(id)
    for (const line of lines) line.close()
    await outside['workerFile']?.(id, 'back')
    await Promise.all(tabs.map((tab) => tab.close().catch(() => {})))
    await outside['cleanUp']?.()
    channel.close()
  },
})
