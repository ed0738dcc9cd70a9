import { readFileSync } from 'node:fs'
import type { BrowserContext, Page } from 'playwright'
import type { BrowserCommand, BrowserCommandContext } from 'vitest/node'
import { type Cable, createCable } from './cable.ts'
import { pageHeap, sharedWorkers, workerHeap } from './debugger.ts'
import { createTestServer, type TestServer, type TestServerOptions } from './server.ts'

/** What a browser test may ask of the process outside: servers, network, and pages of its own. */

/** What the tests of one project have started. Projects run side by side, in browsers of their own. */
interface Stage {
  readonly servers: Map<number, TestServer>
  readonly cables: Map<number, Cable>
  readonly pages: Map<number, Page>
  /** The process a page began a process of its own with. */
  readonly processes: Map<number, number>
}

const stages = new Map<string, Stage>()
let ids = 0

function get<T>(things: ReadonlyMap<number, T>, id: number): T {
  const thing = things.get(id)
  if (thing === undefined) throw new Error(`nothing of number ${id}`)
  return thing
}

function stageOf({ project }: BrowserCommandContext): Stage {
  const stage = stages.get(project.name) ?? {
    servers: new Map(),
    cables: new Map(),
    pages: new Map(),
    processes: new Map(),
  }
  stages.set(project.name, stage)
  return stage
}

/** What playwright adds to a command's context. */
const playing = (context: BrowserCommandContext) =>
  context as unknown as { readonly context: BrowserContext; readonly page: Page }

const invoke = (thing: object, method: string, args: unknown[]): unknown =>
  (thing as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args)

const serverStart: BrowserCommand<[options: TestServerOptions]> = async (context, options) => {
  const server = createTestServer(options)
  const url = await server.start()
  ids += 1
  stageOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const serverCall: BrowserCommand<[id: number, method: string, args: unknown[]]> = (
  context,
  id,
  method,
  args,
) => invoke(get(stageOf(context).servers, id), method, args)

const cableStart: BrowserCommand<[target: string]> = async (context, target) => {
  const cable = createCable(Number(new URL(target).port))
  const url = await cable.start()
  ids += 1
  stageOf(context).cables.set(ids, cable)
  return { id: ids, url }
}

const cableCall: BrowserCommand<[id: number, method: string]> = (context, id, method) =>
  invoke(get(stageOf(context).cables, id), method, [])

/**
 * Resolves once a page's script has run. Playwright's own `waitForFunction` takes 50 ms longer, for the library it brings
 * into the page. Polled, because a page in the background need not draw frames.
 */
const READY = `new Promise((ready, fail) => {
  const look = () => ('tab' in window ? ready() : setTimeout(look, 5))
  look()
  setTimeout(fail, 10_000, new Error('The page has no "tab" after 10 s. Did its script load?'))
})`

/** Loads the tab's page and waits for its script, whose error is the test's. */
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
  const page = await playing(context).context.newPage()
  ids += 1
  const id = ids
  stageOf(context).pages.set(id, page)
  await load(page, () => page.goto(url))
  return id
}

/** Opens a page in a process of its own, whose memory can be looked at. */
const pageOpenAlone: BrowserCommand<[url: string]> = async (context, url) => {
  const page = await (context as unknown as { context: BrowserContext }).context.newPage()
  const before = await renderers(page)
  ids += 1
  const id = ids
  stageOf(context).pages.set(id, page)
  await load(page, () => page.goto(url))
  const [own] = (await renderers(page)).filter((pid) => !before.includes(pid))
  if (own !== undefined) stageOf(context).processes.set(id, own)
  return id
}

/** What the page's process has in memory, in MB; `undefined` where that cannot be known. */
const pageMemory: BrowserCommand<[id: number]> = (context, id) => {
  const pid = stageOf(context).processes.get(id)
  if (pid === undefined || process.platform !== 'linux') return undefined
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** What a page and its worker hold in memory after a forced collection, in bytes. */
const heaps: BrowserCommand<[id: number, test: string]> = async (context, id, test) => {
  const page = get(stageOf(context).pages, id)
  const browser = page.context().browser()
  if (!browser) throw new Error('no browser')
  const worker = (await sharedWorkers(browser)).find(({ url }) => url.includes(`test=${test}`))
  if (!worker) throw new Error('no worker')
  return { page: await pageHeap(page), worker: await workerHeap(browser, worker.targetId) }
}

/** Runs `(${source})(...args)` in the page. */
const pageRun: BrowserCommand<[id: number, source: string, args: unknown[]]> = (context, id, source, args) =>
  get(stageOf(context).pages, id).evaluate(`(${source})(...${JSON.stringify(args)})`)

const pageReload: BrowserCommand<[id: number]> = async (context, id) => {
  const page = get(stageOf(context).pages, id)
  await load(page, () => page.reload())
}

const pageGoto: BrowserCommand<[id: number, url: string]> = async (context, id, url) => {
  // A crash has no answer.
  if (url === 'chrome://crash')
    void get(stageOf(context).pages, id)
      .goto(url)
      .catch(() => {})
  else await get(stageOf(context).pages, id).goto(url)
}

/** Presses a key, as who uses the page does. */
const pagePress: BrowserCommand<[id: number, key: string]> = (context, id, key) =>
  get(stageOf(context).pages, id).keyboard.press(key)

export interface PageLook {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** How the page is looked at. */
const pageLook: BrowserCommand<[id: number, look: PageLook]> = async (
  context,
  id,
  { colorScheme, width, height = 900 },
) => {
  const page = get(stageOf(context).pages, id)
  if (colorScheme) await page.emulateMedia({ colorScheme })
  if (width) await page.setViewportSize({ width, height })
}

/** Presses the button of that name, and waits for the file it gives. */
const pageDownload: BrowserCommand<[id: number, button: string]> = async (context, id, button) => {
  const page = get(stageOf(context).pages, id)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  const file = await download
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
}

/** The tests whose worker file is missing at the moment. */
export const missing = new Set<string>()

/** Removes a test's worker file, as a deployment does, or brings it back. */
const workerFile: BrowserCommand<[test: string, is: 'gone' | 'back']> = (_, test, is) => {
  if (is === 'gone') missing.add(test)
  else missing.delete(test)
}

const pageClose: BrowserCommand<[id: number]> = async (context, id) => {
  await get(stageOf(context).pages, id).close()
  stageOf(context).pages.delete(id)
}

/** Takes this origin's databases away, as who clears the site's data does. */
const databasesWipe: BrowserCommand<[]> = async (outer) => {
  const { context, page } = playing(outer)
  const session = await context.newCDPSession(page)
  const { origin } = new URL(page.url())
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  await session.detach()
}

/** Ends everything a test has started. */
const cleanUp: BrowserCommand<[]> = async (context) => {
  const { pages, cables, servers } = stageOf(context)
  await Promise.all([...pages.values()].map((page) => page.close().catch(() => {})))
  for (const cable of cables.values()) cable.stop()
  await Promise.all([...servers.values()].map((server) => server.stop()))
  stages.delete(context.project.name)
}

export const commands = {
  serverStart,
  serverCall,
  cableStart,
  cableCall,
  pageOpen,
  pageOpenAlone,
  pageMemory,
  pageHeap: heaps,
  pageRun,
  pageReload,
  pageGoto,
  pagePress,
  pageLook,
  pageDownload,
  pageClose,
  workerFile,
  databasesWipe,
  cleanUp,
}
