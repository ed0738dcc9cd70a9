import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { createServer as createVite, type Plugin, type ViteDevServer } from 'vite'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import { SOURCES } from '../../scripts/sources'
import { bundles } from '../support/bundles'
import { createCable } from '../support/cable'
import { createTestServer } from '../support/server'
import type { TabSettings, TabWindow } from '../support/tab'
import { type Entry, VOLATILE } from './judge'

/** A server that numbers its events, a network, and real pages. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export const ROOMS = ['stats', 'activity', 'errors', 'tmux', 'adw-state/1', 'adw-state/2'] as const
export const PANELS = ['overview', 'errors', 'tmux', ['workflow', '1'], ['workflow', '2']] as const

/** A tab, under whatever pages it lives. */
export interface Tab {
  readonly name: string
  page: Page
  /** What was read of its record before it was lost. */
  record: readonly Entry[]
  /** A fault is at work on it; the next one is for another. */
  busy: boolean
}

export interface WorldOptions {
  readonly id: string
  readonly recovery: boolean
  readonly seq: boolean
  readonly extendedLifetime: boolean
  /** Each tab has a worker of its own. */
  readonly dedicated: boolean
  readonly say: (text: string) => void
}

/** The most by which the clock is set back in all, in ms. */
const SET_BACK = 5000

export async function createWorld(options: WorldOptions) {
  const executablePath = findChromium()
  /** How far the browser's clock was set back, in ms. */
  let setBack = 0
  const clock: Plugin = {
    name: 'clock',
    configureServer({ middlewares }) {
      middlewares.use('/clock', (_, response) => response.end(String(-setBack)))
    },
  }
  const vite: ViteDevServer = await createVite({
    configFile: false,
    root: here('../..'),
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { include: ['comlink', 'socket.io-client', 'socket.io-parser', 'idb-keyval'] },
    resolve: {
      alias: SOURCES,
    },
    plugins: [clock, bundles],
  })
  await vite.listen()
  const browser: Browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: CHROMIUM_ARGUMENTS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  const context: BrowserContext = await browser.newContext()
  await context.addInitScript(setClockBack)

  // Without that, browsers repeat a poll whose answer was lost, and what was in it is lost in silence.
  const server = createTestServer({ recovery: options.recovery, closesPolls: true })
  const cable = createCable(Number(new URL(await server.start()).port))
  const url = await cable.start()

  const sent = new Map<string, number[]>(ROOMS.map((room) => [room, [0]]))
  function emit(room: string) {
    const times = sent.get(room) ?? []
    server.emit(room, 'row', { room, n: times.length })
    times.push(Date.now())
    // One in ten is followed by one that the server neither numbers nor keeps, nor sends while it is sending.
    if (times.length % 10 === 0) setTimeout(server.emitVolatile, 10, room, room, VOLATILE)
  }

  const query = new URLSearchParams({
    test: options.id,
    options: JSON.stringify({
      url,
      retry: { first: 100, every: 300 },
      keepalive: { every: 500, misses: 3 },
      grace: 5000,
      queue: 200,
      ...(options.seq && { seq: true }),
      clockUrl: '/clock',
    }),
  })
  const settings: TabSettings = {
    worker: `/test/support/dashboard.worker.ts?worker_file&type=module&${query}`,
    // Each dedicated worker loads some fifty modules before it can answer.
    connect: { user: options.id, timeout: options.dedicated ? 1500 : 500 },
    extendedLifetime: options.extendedLifetime,
    dedicated: options.dedicated,
  }
  const [origin] = vite.resolvedUrls?.local ?? []

  const tabs: Tab[] = []
  const retired: Tab[] = []
  const errors: string[] = []
  let count = 0

  /** Whether the server is there to be spoken to. */
  let serving: Promise<unknown> = Promise.resolve()

  // Polled: a page in the background need not draw frames.
  const ready = async ({ page }: Tab) =>
    void (await page.waitForFunction('"tab" in window', null, { polling: 20, timeout: 20_000 }))
  const run = <T, A>(
    { page }: Tab,
    act: (tab: TabWindow, argument: A) => T | Promise<T>,
    argument?: A,
  ): Promise<T> => page.evaluate(`(${act})(window.tab, ${JSON.stringify(argument) ?? 'undefined'})`)

  function retire(tab: Tab) {
    const index = tabs.indexOf(tab)
    if (index >= 0) retired.push(...tabs.splice(index, 1))
  }

  function adopt(page: Page): Tab {
    count += 1
    const tab: Tab = { name: String(count), page, record: [], busy: false }
    page.on('pageerror', (error) => errors.push(`tab ${tab.name}: ${error.message}`))
    // A crash takes along what lives in the same process.
    page.on('crash', () => {
      retire(tab)
      void page.close()
    })
    tabs.push(tab)
    return tab
  }

  async function reload(tab: Tab) {
    await tab.page.reload({ waitUntil: 'commit' })
    await ready(tab)
  }

  return {
    say: options.say,
    server,
    cable,
    context,
    tabs,
    retired,
    sent,
    errors,
    emit,
    adopt,
    ready,
    /** Runs in the tab's page; the function is sent there as text. */
    run,
    async open(panels: readonly (string | readonly string[])[]): Promise<Tab> {
      const page = await context.newPage()
      const tab = adopt(page)
      const all = encodeURIComponent(
        JSON.stringify({ ...settings, panels: [...new Set(panels)], restores: true }),
      )
      tab.busy = true
      await page.goto(`${origin}test/support/tab.html?settings=${all}`)
      await ready(tab)
      tab.busy = false
      return tab
    },
    reload,
    /** Waits until something holds in the tab's page; that it never does is an error of the run. */
    async until(tab: Tab, holds: (tab: TabWindow) => boolean) {
      await tab.page
        .waitForFunction(`(${holds})(window.tab)`, null, { polling: 20, timeout: 5000 })
        .catch(() => errors.push(`tab ${tab.name}: never ${holds}`))
    },
    /** Loads the pages anew whose lines a sign-out has closed, and nothing else is being done to. */
    async reopen() {
      for (const tab of [...tabs]) {
        if (tab.busy) continue
        tab.busy = true
        const isClosed = await run(tab, ({ line }) => line.status.state === 'closed').catch(() => false)
        if (isClosed) await reload(tab)
        tab.busy = false
      }
    },
    record: (tab: Tab) => run(tab, ({ saga }) => saga() as unknown as Entry[]),
    retire,
    /** Does something to the server that only one may do at a time. */
    pause(act: () => Promise<void>) {
      serving = serving.then(act)
      return serving
    },
    setBack: () => setBack,
    /** Sets the clock of all pages and workers back, those to come included. No further than `SET_BACK` in all. */
    async setClockBack(ms: number): Promise<void> {
      if (setBack + ms > SET_BACK) return
      setBack += ms
      await this.tellWorker({ clock: -ms })
      await Promise.all(
        context.pages().map((page) =>
          page
            .evaluate((by) => {
              const now = Date.now.bind(Date)
              Date.now = () => now() - by
            }, ms)
            .catch(() => {}),
        ),
      )
    },
    /** To the worker: `die`, `delete database`, hang for so many ms, or what the test's worker file knows. */
    async tellWorker(order: string | number | object) {
      await tabs
        .find(({ busy }) => !busy)
        ?.page.evaluate(
          ([id, what]) => {
            const channel = new BroadcastChannel(`worker ${id}`)
            channel.postMessage(what)
            channel.close()
          },
          [options.id, order] as const,
        )
    },
    async close() {
      await browser.close()
      cable.stop()
      await server.stop()
      await vite.close()
    },
  }
}

/** Runs first in each page: its clock is the machine's. */
function setClockBack() {
  if (location.protocol !== 'http:') return
  const request = new XMLHttpRequest()
  request.open('GET', '/clock', false)
  request.send()
  const shift = Number(request.responseText)
  const wall = Date.now.bind(Date)
  Date.now = () => wall() + shift
}

export type World = Awaited<ReturnType<typeof createWorld>>
