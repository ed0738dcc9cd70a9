import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright'
import type { BrowserCommand, BrowserCommandContext } from 'vitest/node'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts'
import { edits } from './bundles.ts'
import { type CableServerOptions, type CableTestServer, createCableServer } from './cable-server.ts'
import { pageHeap, sharedWorkers, workerHeap } from './debugger.ts'
import { createFlakyProxy, type FlakyProxy } from './flaky-proxy.ts'
import { type FreezablePage, openFreezablePage } from './freezable-page.ts'
import { type Phone, startPhone } from './phone.ts'
import { createTestServer, type TestServer, type TestServerOptions } from './server.ts'
import { createStreamServer, type StreamServerOptions, type StreamTestServer } from './stream-server.ts'
import {
  createWebSocketServer,
  type WebSocketServerOptions,
  type WebSocketTestServer,
} from './websocket-server.ts'

/** Commands that browser tests run in the Node process: servers, proxies and separate pages. */

/** What the tests of one project have started. Each project runs in its own browser, at the same time as the others. */
interface Resources {
  readonly servers: Map<number, TestServer | WebSocketTestServer | CableTestServer | StreamTestServer>
  readonly proxies: Map<number, FlakyProxy>
  readonly pages: Map<number, Page>
  readonly freezable: Map<number, FreezablePage>
  readonly phones: Map<number, Phone>
  /** The process id of each page that was opened in its own process. */
  readonly processes: Map<number, number>
  /** Browsers with profiles of their own, the folders of these profiles, and further arguments. */
  readonly profiles: Map<
    number,
    { readonly folder: string; readonly args: readonly string[]; browser?: BrowserContext | undefined }
  >
}

const resources = new Map<string, Resources>()
let ids = 0

function get<T>(things: ReadonlyMap<number, T>, id: number): T {
  const thing = things.get(id)
  if (thing === undefined) throw new Error(`nothing was started with the id ${id}`)
  return thing
}

function resourcesOf({ project }: BrowserCommandContext): Resources {
  const started = resources.get(project.name) ?? {
    servers: new Map(),
    proxies: new Map(),
    pages: new Map(),
    freezable: new Map(),
    phones: new Map(),
    processes: new Map(),
    profiles: new Map(),
  }
  resources.set(project.name, started)
  return started
}

/** A command's context, with the properties that Playwright adds. */
const withPlaywright = (context: BrowserCommandContext) =>
  context as unknown as { readonly context: BrowserContext; readonly page: Page }

const invoke = (thing: object, method: string, args: unknown[]): unknown =>
  (thing as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args)

const serverStart: BrowserCommand<[options: TestServerOptions]> = async (context, options) => {
  const server = createTestServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const websocketStart: BrowserCommand<[options: WebSocketServerOptions]> = async (context, options) => {
  const server = createWebSocketServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const streamStart: BrowserCommand<[options: StreamServerOptions]> = async (context, options) => {
  const server = createStreamServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const cableStart: BrowserCommand<[options: CableServerOptions]> = async (context, options) => {
  const server = createCableServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const serverCall: BrowserCommand<[id: number, method: string, args: unknown[]]> = (
  context,
  id,
  method,
  args,
) => invoke(get(resourcesOf(context).servers, id), method, args)

const proxyStart: BrowserCommand<[target: string]> = async (context, target) => {
  const proxy = createFlakyProxy(Number(new URL(target).port))
  const url = await proxy.start()
  ids += 1
  resourcesOf(context).proxies.set(ids, proxy)
  return { id: ids, url }
}

const proxyCall: BrowserCommand<[id: number, method: string]> = (context, id, method) =>
  invoke(get(resourcesOf(context).proxies, id), method, [])

/**
 * Resolves once a page's script has run. Playwright's own `waitForFunction` takes 50 ms longer, because it injects a
 * library into the page. It polls by a timer, because a page in the background may draw no frames.
 */
const READY = `new Promise((ready, fail) => {
  const look = () => ('tab' in window ? ready() : setTimeout(look, 5))
  look()
  setTimeout(fail, 10_000, new Error('The page has no "tab" after 10 s. Did its script load?'))
})`

/** Loads the tab's page and waits for its script. An error of the script fails the test. */
async function load(page: Page, go: () => Promise<unknown>): Promise<void> {
  let fail = (_: Error) => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  page.once('pageerror', fail)
  await Promise.race([go().then(() => page.evaluate(READY)), failed]).finally(() =>
    page.off('pageerror', fail),
  )
}

async function renderers(page: Page): Promise<readonly number[]> {
  const session = await page.context().browser()?.newBrowserCDPSession()
  const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {}
  await session?.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

const pageOpen: BrowserCommand<[url: string]> = async (context, url) => {
  const page = await withPlaywright(context).context.newPage()
  ids += 1
  const id = ids
  resourcesOf(context).pages.set(id, page)
  await load(page, () => page.goto(url))
  return id
}

/** Makes a profile for a browser of its own, which is started with further arguments. */
const profileMake: BrowserCommand<[args: readonly string[]]> = (context, args) => {
  ids += 1
  const folder = mkdtempSync(join(tmpdir(), 'partyline-profile-'))
  resourcesOf(context).profiles.set(ids, { folder, args })
  return ids
}

/** Starts the browser of a profile, if it does not run. */
async function startProfile(context: BrowserCommandContext, id: number): Promise<BrowserContext> {
  const profile = get(resourcesOf(context).profiles, id)
  const executablePath = findChromium()
  profile.browser ??= await chromium.launchPersistentContext(profile.folder, {
    ...(executablePath !== undefined && { executablePath }),
    args: [...CHROMIUM_ARGUMENTS, ...profile.args],
  })
  return profile.browser
}

/** Opens a page in the browser of a profile. */
const profileOpen: BrowserCommand<[profile: number, url: string]> = async (context, id, url) => {
  const page = await (await startProfile(context, id)).newPage()
  ids += 1
  const own = ids
  resourcesOf(context).pages.set(own, page)
  await load(page, () => page.goto(url))
  return own
}

/** Answers in the user's place whether a site may do something. */
const profilePermit: BrowserCommand<
  [profile: number, origin: string, name: string, setting: PermissionState]
> = async (context, id, origin, name, setting) => {
  // The answers of a session that ends are taken back.
  const session = await (await startProfile(context, id)).browser()?.newBrowserCDPSession()
  if (!session) throw new Error('The profile has no browser.')
  await session.send('Browser.setPermission', { permission: { name }, setting, origin })
}

/** Closes the browser of a profile, with its pages and workers. What they have stored stays. */
const profileClose: BrowserCommand<[profile: number]> = async (context, id) => {
  const profile = get(resourcesOf(context).profiles, id)
  await profile.browser?.close()
  profile.browser = undefined
}

/** Opens a page in its own process, so that its memory can be measured. */
const pageOpenAlone: BrowserCommand<[url: string]> = async (context, url) => {
  const page = await withPlaywright(context).context.newPage()
  const before = await renderers(page)
  ids += 1
  const id = ids
  resourcesOf(context).pages.set(id, page)
  await load(page, () => page.goto(url))
  const [own] = (await renderers(page)).filter((pid) => !before.includes(pid))
  if (own !== undefined) resourcesOf(context).processes.set(id, own)
  return id
}

/** The memory of the page's process, in MB; `undefined` where it cannot be read. */
const pageMemory: BrowserCommand<[id: number]> = (context, id) => {
  const pid = resourcesOf(context).processes.get(id)
  if (pid === undefined || process.platform !== 'linux') return undefined
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** The heap sizes of a page and its worker after a forced garbage collection, in bytes. */
const heaps: BrowserCommand<[id: number, test: string]> = async (context, id, test) => {
  const page = get(resourcesOf(context).pages, id)
  const browser = page.context().browser()
  if (!browser) throw new Error('The page has no browser.')
  const worker = (await sharedWorkers(browser)).find(({ url }) => url.includes(`test=${test}`))
  if (!worker) throw new Error(`There is no shared worker of the test "${test}".`)
  return { page: await pageHeap(page), worker: await workerHeap(browser, worker.targetId) }
}

/** Runs `(${source})(...args)` in the page. */
const pageRun: BrowserCommand<[id: number, source: string, args: unknown[]]> = (context, id, source, args) =>
  get(resourcesOf(context).pages, id).evaluate(`(${source})(...${JSON.stringify(args)})`)

const pageReload: BrowserCommand<[id: number]> = async (context, id) => {
  const page = get(resourcesOf(context).pages, id)
  await load(page, () => page.reload())
}

async function keepFreezable(context: BrowserCommandContext, page: FreezablePage): Promise<number> {
  ids += 1
  const id = ids
  resourcesOf(context).freezable.set(id, page)
  await page.run(`() => ${READY}`, [])
  return id
}

/** Opens a page that can be frozen. */
const freezableOpen: BrowserCommand<[url: string]> = async (context, url) =>
  keepFreezable(context, await openFreezablePage(withPlaywright(context).page, url))

const freezableRun: BrowserCommand<[id: number, source: string, args: unknown[]]> = (
  context,
  id,
  source,
  args,
) => get(resourcesOf(context).freezable, id).run(source, args)

const freezableFreeze: BrowserCommand<[id: number, isFrozen: boolean]> = (context, id, isFrozen) =>
  get(resourcesOf(context).freezable, id).freeze(isFrozen)

const freezableShow: BrowserCommand<[id: number, isInFront: boolean]> = (context, id, isInFront) =>
  get(resourcesOf(context).freezable, id).show(isInFront)

const freezableDiscard: BrowserCommand<[id: number]> = (context, id) =>
  get(resourcesOf(context).freezable, id).discard()

/** Loads a discarded page again, and waits for its script. */
const freezableRestore: BrowserCommand<[id: number]> = async (context, id) => {
  const page = get(resourcesOf(context).freezable, id)
  await page.restore()
  await page.run(`() => ${READY}`, [])
}

const phoneStart: BrowserCommand<[]> = async (context) => {
  const phone = await startPhone()
  ids += 1
  resourcesOf(context).phones.set(ids, phone)
  return ids
}

const phoneOpen: BrowserCommand<[phone: number, url: string]> = async (context, phone, url) =>
  keepFreezable(context, await get(resourcesOf(context).phones, phone).open(url))

const phoneSleep: BrowserCommand<[phone: number, isAsleep: boolean]> = (context, phone, isAsleep) =>
  get(resourcesOf(context).phones, phone).sleep(isAsleep)

const pageGoto: BrowserCommand<[id: number, url: string]> = async (context, id, url) => {
  // A crashing page never answers.
  if (url === 'chrome://crash')
    void get(resourcesOf(context).pages, id)
      .goto(url)
      .catch(() => {})
  else await get(resourcesOf(context).pages, id).goto(url)
}

/** Presses a key, as a user does. */
const pagePress: BrowserCommand<[id: number, key: string]> = (context, id, key) =>
  get(resourcesOf(context).pages, id).keyboard.press(key)

export interface PageLook {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** Sets the page's colour scheme and size. */
const pageLook: BrowserCommand<[id: number, look: PageLook]> = async (
  context,
  id,
  { colorScheme, width, height = 900 },
) => {
  const page = get(resourcesOf(context).pages, id)
  if (colorScheme) await page.emulateMedia({ colorScheme })
  if (width) await page.setViewportSize({ width, height })
}

/** Presses the button with this name, and waits for the file that it downloads. */
const pageDownload: BrowserCommand<[id: number, button: string]> = async (context, id, button) => {
  const page = get(resourcesOf(context).pages, id)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  const file = await download
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
}

/** The worker files that are missing now: parts of their addresses. */
const missing = new Map<string, RegExp>()
export const isMissing = (url: string) => [...missing.values()].some((address) => address.test(url))

/** Removes a test's worker files, or the one of a build, as a deployment does, or restores them. */
const workerFile: BrowserCommand<[test: string, is: 'gone' | 'back', build?: string]> = (
  _,
  test,
  is,
  build = '.*',
) => {
  if (is === 'gone') missing.set(test, new RegExp(`[?&]test=${test}&.*&build=${build}$`))
  else missing.delete(test)
}

const workerEdit: BrowserCommand<[test: string, code: string]> = (_, test, code) => {
  edits.set(test, `${code};`)
}

const pageClose: BrowserCommand<[id: number]> = async (context, id) => {
  await get(resourcesOf(context).pages, id).close()
  resourcesOf(context).pages.delete(id)
}

/** Deletes the databases of this origin, as clearing the site's data does. */
const databasesWipe: BrowserCommand<[]> = async (outer) => {
  const { context, page } = withPlaywright(outer)
  const session = await context.newCDPSession(page)
  const { origin } = new URL(page.url())
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  await session.detach()
}

/** Ends everything a test has started. */
const cleanUp: BrowserCommand<[]> = async (context) => {
  const { pages, freezable, phones, profiles, proxies, servers } = resourcesOf(context)
  await Promise.all([...phones.values()].map((phone) => phone.sleep(false)))
  await Promise.all([...freezable.values()].map((page) => page.close()))
  await Promise.all([...pages.values()].map((page) => page.close().catch(() => {})))
  await Promise.all([...phones.values()].map((phone) => phone.close()))
  for (const { browser, folder } of profiles.values()) {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  for (const proxy of proxies.values()) proxy.stop()
  await Promise.all([...servers.values()].map((server) => server.stop()))
  resources.delete(context.project.name)
}

export const commands = {
  serverStart,
  websocketStart,
  cableStart,
  streamStart,
  serverCall,
  proxyStart,
  proxyCall,
  pageOpen,
  pageOpenAlone,
  profileMake,
  profileOpen,
  profilePermit,
  profileClose,
  pageMemory,
  pageHeap: heaps,
  pageRun,
  pageReload,
  freezableOpen,
  freezableRun,
  freezableFreeze,
  freezableShow,
  freezableDiscard,
  freezableRestore,
  phoneStart,
  phoneOpen,
  phoneSleep,
  pageGoto,
  pagePress,
  pageLook,
  pageDownload,
  pageClose,
  workerEdit,
  workerFile,
  databasesWipe,
  cleanUp,
}
