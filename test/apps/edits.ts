import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright'
import type { Line } from '../../src'
import type { TestServer } from '../support/server'
import { type Complaints, listen, open } from './drive'

/** Edits the files of an app's worker while its dev server runs, and waits until each edit is in force in all open tabs. */

/** How an edit of the worker's files comes to the open pages. */
export interface Development {
  /** The worker file. */
  readonly worker: string
  /**
   * - `reload`: the dev server reloads the pages
   * - `hot`: it tells the pages, and does not reload them
   * - `none`: only a reload by the user brings the edit, and it brings it to all tabs
   */
  readonly update: 'reload' | 'hot' | 'none'
}

/** Adds a room to one of the files. */
interface Edit {
  /** The file's name, without what follows its last dot. */
  readonly file: string
  /** The text after which `text` is inserted. */
  readonly after: string
  readonly text: (room: string) => string
  /** The panel that has the room from then on. */
  readonly panel: (room: string) => string
}

const EDITS: readonly Edit[] = [
  {
    file: 'dashboard.worker',
    after: 'panels: {',
    text: (room) => ` '${room}': ['${room}'],`,
    panel: (room) => room,
  },
  // The worker file imports this one, ...
  { file: 'panels', after: '[...numbers', text: (room) => `, '${room}'`, panel: () => 'overview' },
  // ... which imports this one.
  { file: 'rooms', after: "['stats'", text: (room) => `, '${room}'`, panel: () => 'overview' },
]

/** How soon an edit must be in force, in ms. */
const SOON = 2000
const PATIENCE = 20_000
/** What the clients of webpack and Next say once an edit is compiled: the one before it updates the page, the other after. */
const HOT_UPDATE = /^\[(HMR\] Checking|Fast Refresh\] done)/
/** How long a user takes at least from saving a file to reloading the page, in ms. */
const HAND = 1000

interface AppWindow extends Window {
  readonly line?: Line
  /** The new panel, once the page shows it. */
  shown?: string
}

/** When a page was loaded, and when it had the edit in force, in ms. */
type Times = readonly [loadedAt: number, inForceAt: number]

interface Sign {
  readonly panel: string
  readonly room: string
  /** The worker's text before the edit. */
  readonly before: string
}

/** In the page: whether a worker of another text serves the panel with the room. */
async function look({ panel, room, before }: Sign): Promise<Times | false> {
  const app = window as AppWindow
  const { build } = (await app.line?.inspect()) ?? {}
  if (!app.line || build?.text === undefined || build.text === before) return false
  if (app.shown !== panel) {
    app.shown = panel
    app.line.subscribe(panel, ({ room, data }) => {
      document.title = `${room} ${(data as { n: number }).n}`
    })
  }
  return app.line.panel(panel).rooms[room] === 'live' && [performance.timeOrigin, Date.now()]
}

const textOf = (page: Page) =>
  page.evaluate(async () => (await (window as AppWindow).line?.inspect())?.build?.text ?? '')

/** Looks until the edit is in force. While the page reloads, it cannot be looked at. */
async function inForce(page: Page, sign: Sign): Promise<Times> {
  const latest = Date.now() + PATIENCE
  while (Date.now() < latest) {
    const times = await page.evaluate(look, sign).catch(() => false as const)
    if (times) return times
    await pause(20)
  }
  throw new Error(`The edit that adds ${sign.room} is not in force after ${PATIENCE} ms.`)
}

/** Resolves to how long it took until the edit was in force in the last tab, in ms. */
async function carryOut(
  { file, after, text, panel }: Edit,
  room: string,
  pages: readonly Page[],
  { worker, update }: Development,
  server: TestServer,
): Promise<number> {
  const path = join(dirname(worker), `${file}${extname(worker)}`)
  const source = readFileSync(path, 'utf8')
  assert.ok(source.includes(after), `${path} contains ${after}`)
  const [first] = pages as readonly [Page]
  const sign = { panel: panel(room), room, before: await textOf(first) }
  const told =
    update === 'hot' &&
    first.waitForEvent('console', {
      predicate: (message) => HOT_UPDATE.test(message.text()),
      timeout: PATIENCE,
    })
  const savedAt = Date.now()
  writeFileSync(path, source.replace(after, `${after}${text(room)}`))
  if (update === 'none') {
    await pause(HAND)
    await first.reload()
  }
  const toldAt = told && (await told) && Date.now()
  const times = await Promise.all(pages.map((page) => inForce(page, sign)))
  const since = toldAt || Math.min(...times.map(([at]) => at).filter((loadedAt) => loadedAt > savedAt))
  const took = Math.round(Math.max(...times.map(([, at]) => at - since)))
  assert.ok(took <= SOON, `an edit of ${path} is in force after ${took} ms`)
  server.emit(room, room, { n: savedAt })
  const title = `${room} ${savedAt}`
  await Promise.all(
    pages.map((page) =>
      page.waitForFunction((title) => document.title === title, title, { timeout: PATIENCE }),
    ),
  )
  return took
}

/** Checks that there was one connection after the other, and that each but the first recovered its session. */
function countSockets(server: TestServer, earlier: number) {
  const { connected, connections } = server.state()
  assert.equal(connected, 1, 'sockets open on the server')
  const own = connections.slice(earlier)
  assert.ok(own.length > 1, 'a worker has replaced another')
  for (const [index, { recovered, openedAt }] of own.entries()) {
    assert.equal(recovered, index > 0, 'whether a connection recovered the session')
    const before = own[index - 1]
    if (before) assert.ok((before.closedAt ?? Infinity) <= openedAt, 'one connection at a time')
  }
}

/** Makes every edit with one tab open, and again with two. Resolves to how long the slowest took to be in force, in ms. */
export async function editFiles(
  browser: Browser,
  url: string,
  development: Development,
  server: TestServer,
): Promise<number> {
  let slowest = 0
  for (const tabs of [1, 2]) {
    const context = await browser.newContext()
    const complaints: Complaints = listen(context)
    const earlier = server.state().connections.length
    try {
      const pages: Page[] = []
      while (pages.length < tabs) pages.push(await open(context, url))
      for (const edit of EDITS) {
        const room = `${edit.file}-${tabs}`
        slowest = Math.max(slowest, await carryOut(edit, room, pages, development, server))
      }
      countSockets(server, earlier)
      assert.deepEqual(complaints, [], 'errors of the pages')
    } catch (error) {
      throw new Error(`With ${tabs} tab(s): ${error}\nErrors of the pages:\n${complaints.join('\n')}`)
    } finally {
      await context.close()
    }
  }
  return slowest
}
