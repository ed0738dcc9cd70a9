import type { Page } from 'playwright'
import type { BenchBrowser } from './browser'
import type { Entry } from './contenders'
import type { Receipt } from './pages/probe'
import type { Counts } from './server/counts'
import type { BenchServer } from './server/process'

/** How long anything may take before it counts as failed, in ms. */
const PATIENCE = 40_000

export const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** One contender in a number of tabs, all of them live. */
export interface Session {
  readonly entry: Entry
  readonly pages: readonly Page[]
  readonly server: BenchServer
  readonly browser: BenchBrowser
  /** The server's counts before the first tab. */
  readonly before: Counts
  /** Returns an id for the next burst or stream. */
  run(): number
  /** Opens one more tab and closes it again. Returns the ms until its first event. */
  visit(): Promise<number>
  /** Resolves once each of these tabs has this many events of a run. */
  got(run: number, count: number, pages?: readonly Page[]): Promise<void>
  receipts(run: number): Promise<Receipt[]>
  delays(run: number, pages?: readonly Page[]): Promise<number[]>
  /** Checks that every tab received every event of a run once and in order. */
  check(what: string, run: number, count: number): Promise<void>
  close(): Promise<void>
}

export interface SessionParts {
  readonly entry: Entry
  readonly tabs: number
  readonly server: BenchServer
  readonly browser: BenchBrowser
  readonly failed: (what: string) => void
}

let lastRun = 0

function withPatience<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${PATIENCE} ms`)), PATIENCE)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

export async function openSession({ entry, tabs, server, browser, failed }: SessionParts): Promise<Session> {
  const fleet = await browser.fleet(`${server.url}/${entry.name}`)
  const { pages } = fleet
  const before = await server.call('counts')
  const run = () => {
    lastRun += 1
    return lastRun
  }
  const first = (page: Page) => page.evaluate(() => window.probe.first)
  const receipts = (id: number) =>
    Promise.all(pages.map((page) => page.evaluate((of) => window.probe.receipt(of), id)))

  /** Opens the tabs. Resolves once every tab has received an event. */
  async function goLive() {
    await server.call('startStream', run(), 50, 300)
    // The first one starts the worker, or becomes the leader.
    await fleet.open()
    await Promise.all(Array.from({ length: tabs - 1 }, () => fleet.open()))
    await withPatience('going live', Promise.all(pages.map(first)))
    await server.call('endStream')
    for (const page of pages) await page.evaluate(() => window.probe.calibrate())
    await browser.rest()
  }

  try {
    await goLive()
  } catch (error) {
    await fleet.close()
    throw error
  }
  return {
    entry,
    pages,
    server,
    browser,
    before,
    run,
    async visit() {
      const page = await fleet.open()
      const time = await withPatience('a first event', first(page))
      await fleet.leave(page)
      return time
    },
    async got(id, count, some = pages) {
      await withPatience(
        `${count} events for each of ${some.length} tabs`,
        Promise.all(
          some.map((page) => page.evaluate(([of, many]) => window.probe.got(of, many), [id, count] as const)),
        ),
      )
    },
    receipts,
    async delays(id, some = pages) {
      const each = await Promise.all(some.map((page) => page.evaluate((of) => window.probe.delays(of), id)))
      return each.flat()
    },
    async check(what, id, count) {
      const wrong = (await receipts(id)).filter(
        (receipt) => receipt.count !== count || receipt.misplaced !== 0,
      )
      if (wrong.length === 0) return
      failed(
        `${entry.label}, ${tabs} tabs, ${what}: ${wrong.length} tabs did not receive ${count} events once and in order: ${JSON.stringify(wrong[0])}`,
      )
    },
    close: () => fleet.close(),
  }
}
