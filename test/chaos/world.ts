import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createServer as createVite, type Plugin, type ViteDevServer } from 'vite'
import { SOURCES } from '../../scripts/sources'
import { bundles, edits } from '../support/bundles'
import { createFlakyProxy } from '../support/flaky-proxy'
import type { TabSettings, TabWindow } from '../support/tab'
import type { ChaosPage, EngineName, Launch } from './browser'
import { launchChromium } from './chromium'
import { launchFirefox } from './firefox'
import { createInbox } from './inbox'
import type { Entry } from './judge'
import type { Period } from './judge-sends'
import { ALARMS, MARK, NOTE, type Note } from './marks'
import type { Traffic } from './page'
import { createChaosServer, type LinkKind } from './servers'
import { createSocketCount } from './sockets'
import { launchWebKit } from './webkit'

/** A server that numbers its events, a proxy that can break the network, and real pages. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const PAGE = '/test/support/tab.html'
const TRAFFIC = '<script type="module" src="/test/chaos/page.ts?bundle"></script>'

export const ROOMS = ['stats', 'activity', 'errors', 'tmux', 'adw-state/1', 'adw-state/2', ALARMS] as const
export const PANELS = ['overview', 'errors', 'tmux', ['workflow', '1'], ['workflow', '2']] as const

/** A tab, and what it has received. */
export interface Tab {
  readonly name: string
  readonly page: ChaosPage
  /** Its record, as it was last read. */
  record: readonly Entry[]
  /** A fault is using it, so others must choose another tab. */
  busy: boolean
}

/** All tabs share a worker; or each tab has a dedicated one, and one of these has the connection; or each of these has its own. */
export type WorkerKind = 'shared' | 'led' | 'apart'

export interface WorldOptions {
  readonly id: string
  readonly engine: EngineName
  readonly link: LinkKind
  /** Whether the server can send what was missed. A connection per room cannot ask for it. */
  readonly recovery: boolean
  readonly seq: boolean
  readonly extendedLifetime: boolean
  readonly workers: WorkerKind
  /** How long a kept message is kept, in ms. */
  readonly keepFor: number
  readonly say: (text: string) => void
}

/** How long a worker hangs at most, in ms. */
export const LONGEST_HANG = 4000

/** How far the clock is set back in total at most, in ms. */
const SET_BACK = 5000

/** How long a worker may take to answer, in ms. A dedicated one loads about fifty modules first. WebKit starts both slowly. */
const ANSWERS_WITHIN = {
  chromium: { shared: 500, dedicated: 1500 },
  firefox: { shared: 500, dedicated: 1500 },
  webkit: { shared: 1500, dedicated: 4000 },
}

const LAUNCH: Readonly<Record<EngineName, Launch>> = {
  chromium: launchChromium,
  firefox: launchFirefox,
  webkit: launchWebKit,
}

export async function createWorld(options: WorldOptions) {
  /** How far the browser's clock was set back, in ms. */
  let setBack = 0
  const clock: Plugin = {
    name: 'clock',
    configureServer({ middlewares }) {
      middlewares.use('/clock', (_, response) => {
        // Without a type, Firefox reads it as XML.
        response.writeHead(200, { 'content-type': 'text/plain' }).end(String(-setBack))
      })
    },
  }
  /** The builds that were deployed, the earliest first. */
  const builds = ['1']
  /** The one that pages load now. */
  let deployed = '1'
  /** The builds whose worker files the server does not have. */
  const removed = new Set<string>()
  let texts = 0
  const deployments: Plugin = {
    name: 'deployments',
    configureServer({ middlewares }) {
      middlewares.use(({ url = '' }, response, next) => {
        if (url.startsWith(PAGE)) {
          // Not by Playwright, whose script comes too late for a page that another page opens.
          const script = `<script>(${setClockBack})(); (${loadBuild})(${JSON.stringify(deployed)}, ${options.extendedLifetime})</script>`
          response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-cache' })
          return response.end(script + readFileSync(here(`../..${PAGE}`), 'utf8') + TRAFFIC)
        }
        const [, build = ''] = /[?&]build=([^&]*)/.exec(url) ?? []
        if (!removed.has(build)) return next()
        response.writeHead(404).end()
      })
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
    plugins: [clock, deployments, bundles],
  })
  await vite.listen()
  const browser = await LAUNCH[options.engine]()

  const inbox = createInbox()
  const server = createChaosServer(options.link, options.recovery, inbox)
  const proxy = createFlakyProxy(Number(new URL(await server.start()).port))
  const url = await proxy.start()

  const sent = new Map<string, number[]>(ROOMS.map((room) => [room, [0]]))
  function emit(room: string) {
    const times = sent.get(room) ?? []
    server.emit(room, times.length)
    times.push(Date.now())
    // Every tenth event is followed by a volatile one, which has no number and may be lost.
    if (times.length % 10 === 0) setTimeout(server.emitVolatile, 10, room)
  }

  const query = new URLSearchParams({
    test: options.id,
    options: JSON.stringify({
      url,
      retry: { first: 100, every: 300 },
      keepalive: { every: 500, misses: 3 },
      grace: 5000,
      queue: 200,
      sends: [MARK],
      keepFor: options.keepFor,
      ...(options.seq && { seq: true }),
      ...(options.link === 'endpoints' && { hasEndpoints: true }),
      ...(options.link === 'websocket' && options.recovery && { resumes: true }),
      clockUrl: '/clock',
    }),
  })
  const settings: TabSettings = {
    // `loadBuild` puts the build in place of `deployed`.
    worker: `/test/support/${options.link === 'socket-io' ? 'dashboard' : 'websocket-chaos'}.worker.ts?worker_file&type=module&${query}&build=deployed`,
    connect: {
      user: options.id,
      timeout: ANSWERS_WITHIN[options.engine][options.workers === 'shared' ? 'shared' : 'dedicated'],
      share: options.workers === 'led',
    },
    dedicated: options.workers !== 'shared',
  }
  const [origin] = vite.resolvedUrls?.local ?? []

  const tabs: Tab[] = []
  const retired: Tab[] = []
  /** By their key in the storage. */
  const notes = new Map<string, Note>()
  const errors: string[] = []
  const signOuts: Period[] = []
  const failedSignOuts: Period[] = []
  const sockets = createSocketCount(() => server.rooms().length)
  let databaseLostAt = 0
  let count = 0

  /** Settles once the last `pause` has ended. */
  let serving: Promise<unknown> = Promise.resolve()

  /** Waits until an expression is true in a tab's page, also while it loads. */
  async function becomes(tab: Tab, expression: string, ms: number): Promise<boolean> {
    const until = Date.now() + ms
    while (!(await tab.page.evaluate(expression).catch(() => false))) {
      if (Date.now() > until || retired.includes(tab)) return false
      await wait(20)
    }
    return true
  }
  async function ready(tab: Tab) {
    if (await becomes(tab, '"traffic" in window', 20_000)) return
    // Its process has ended while it navigated, which browsers do not report as a crash. It is judged up to its last page.
    retire(tab)
    await tab.page.close()
    throw new Error(`Tab ${tab.name} did not load.`)
  }
  const run = async <T, A>(
    { page }: Tab,
    act: (tab: TabWindow & { readonly traffic: Traffic }, argument: A) => T | Promise<T>,
    argument?: A,
  ): Promise<T> =>
    (await page.evaluate(
      `(${act})({ ...window.tab, traffic }, ${JSON.stringify(argument) ?? 'undefined'})`,
    )) as T

  function retire(tab: Tab) {
    const index = tabs.indexOf(tab)
    if (index >= 0) retired.push(...tabs.splice(index, 1))
  }

  function adopt(page: ChaosPage): Tab {
    count += 1
    const tab: Tab = { name: String(count), page, record: [], busy: false }
    page.listen({
      error: (message) => errors.push(`tab ${tab.name}: ${message}`),
      crash() {
        options.say(`tab ${tab.name} crashed`)
        retire(tab)
        void page.close()
      },
    })
    tabs.push(tab)
    return tab
  }

  /** Moves the notes here from the storage of the pages, which a few minutes would fill. Returns whether a tab could do so. */
  async function collectNotes(): Promise<boolean> {
    for (const tab of [...tabs]) {
      try {
        const stored: Record<string, string> = JSON.parse(
          await run(
            tab,
            (_, prefix) =>
              JSON.stringify(
                Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith(prefix))),
              ),
            `${NOTE} `,
          ),
        )
        for (const [key, note] of Object.entries(stored)) notes.set(key, JSON.parse(note))
        await run(
          tab,
          (_, keys) => {
            for (const key of keys) localStorage.removeItem(key)
          },
          Object.keys(stored),
        )
        return true
      } catch {
        // Its page is gone: another tab has the same storage.
      }
    }
    return false
  }

  async function reload(tab: Tab) {
    await tab.page.reload()
    await ready(tab)
  }

  return {
    say: options.say,
    server,
    inbox,
    signOuts,
    failedSignOuts,
    sockets,
    proxy,
    browser,
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
      const tab = adopt(await browser.open())
      const all = encodeURIComponent(JSON.stringify({ ...settings, panels: [...new Set(panels)] }))
      tab.busy = true
      await tab.page.load(`${origin?.slice(0, -1)}${PAGE}?settings=${all}`)
      await ready(tab)
      tab.busy = false
      return tab
    },
    reload,
    /** Waits until a condition holds in the tab's page. If it does not within 5 s, that is an error of the run. */
    async until(tab: Tab, holds: (tab: TabWindow) => boolean) {
      if (!(await becomes(tab, `(${holds})(window.tab)`, 5000)))
        errors.push(`tab ${tab.name}: this did not become true within 5 s: ${holds}`)
    },
    /** Reloads the pages whose lines a sign-out closed, unless a fault is using them. */
    async reopen() {
      for (const tab of [...tabs]) {
        if (tab.busy) continue
        tab.busy = true
        const isClosed = await run(tab, ({ line }) => line.status.state === 'closed').catch(() => false)
        if (isClosed) await reload(tab)
        tab.busy = false
      }
    },
    /** The tab whose dedicated worker has the connection of all, unless a fault is using it. */
    async leadingTab(): Promise<Tab | undefined> {
      for (const tab of tabs) {
        const isServed = () => run(tab, ({ traffic }) => traffic.serves()).catch(() => false)
        if (!tab.busy && (await isServed()) && !tab.busy) return tab
      }
      return undefined
    },
    /** Read as text: Playwright takes minutes to copy ten thousand objects out of a page. */
    record: async (tab: Tab): Promise<Entry[]> =>
      JSON.parse(await run(tab, ({ receivedByTab }) => JSON.stringify(receivedByTab()))),
    collectNotes,
    /** What all pages have noted, also those that are gone. */
    async notes(): Promise<Note[]> {
      if (!(await collectNotes())) throw new Error('No tab is left that can read the notes.')
      return [...notes.values()].sort((a, b) => a.at - b.at || a.place - b.place)
    },
    /** Deletes the database. A worker that hangs does so later. */
    async deleteDatabase() {
      databaseLostAt = Date.now() + LONGEST_HANG
      await this.tellWorker('delete database')
    },
    databaseLostAt: () => databaseLostAt,
    retire,
    /** Does something to the server, after earlier calls have ended. */
    pause(act: () => Promise<void>) {
      serving = serving.then(act)
      return serving
    },
    builds,
    deployed: () => deployed,
    /** Deploys a new build, whose worker file has a name of its own: pages that are loaded later run it. */
    deploy() {
      deployed = String(builds.length + 1)
      builds.push(deployed)
    },
    /** Deploys an earlier build again. */
    rollBack(build: string) {
      deployed = build
      removed.delete(build)
    },
    /** Deploys another text under each name. */
    edit() {
      texts += 1
      edits.set(options.id, `/* ${texts} */`)
    },
    /** Removes the worker file of a build, or restores it. */
    file(build: string, is: 'gone' | 'back') {
      if (is === 'gone') removed.add(build)
      else removed.delete(build)
    },
    setBack: () => setBack,
    /** Sets back the clock of all pages and workers, including later ones, by at most `SET_BACK` in total. */
    async setClockBack(ms: number): Promise<void> {
      if (setBack + ms > SET_BACK) return
      setBack += ms
      await this.tellWorker({ clock: -ms })
      await browser.evaluateEverywhere(
        `(() => { const now = Date.now.bind(Date); Date.now = () => now() - ${ms} })()`,
      )
    },
    /** Sends an order to the workers, or to the one of a build: `die`, `delete database`, the ms to hang, or any other that the worker file knows. */
    async tellWorker(order: string | number | object, build?: string) {
      if (typeof order === 'number') sockets.excuse(order)
      const tab = tabs.find(({ busy }) => !busy)
      if (!tab) return
      await run(
        tab,
        (_, [id, what]) => {
          const channel = new BroadcastChannel(`worker ${id}`)
          channel.postMessage(what)
          channel.close()
        },
        [options.id, build === undefined ? order : { build, order }] as const,
      )
    },
    async close() {
      await browser.close()
      proxy.stop()
      await server.stop()
      await vite.close()
    },
  }
}

/** Runs first in each page, and sets its clock back as far as the others'. */
function setClockBack() {
  const request = new XMLHttpRequest()
  request.open('GET', '/clock', false)
  request.send()
  const shift = Number(request.responseText)
  const wall = Date.now.bind(Date)
  Date.now = () => wall() + shift
}

/**
 * Stands first in each page, and makes its factory start the worker of a build, which the page has as `window.worker`. Without `extendedLifetime`, the page behaves
 * as in a browser that does not know it.
 */
function loadBuild(build: string, extendedLifetime: boolean) {
  for (const kind of ['Worker', 'SharedWorker'] as const) {
    const made = new Proxy<new (...args: never) => object>(window[kind], {
      // A method, because tsx would wrap any other function in one that the page does not have.
      construct(native, [url, given]) {
        const address = `${url}`.replace(/build=deployed$/, `build=${build}`)
        const worker = Reflect.construct(native, [
          address,
          { ...given, ...(!extendedLifetime && { extendedLifetime }) },
        ])
        if (address.includes('worker_file')) Object.assign(window, { worker })
        return worker
      },
    })
    Object.assign(window, { [kind]: made })
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>
