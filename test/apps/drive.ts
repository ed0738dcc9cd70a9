import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright'
import type { TestServer } from '../support/server'

/** Opens an app in two tabs, and compares what they show with what its server counts. */

const PATIENCE = 20_000

/** The errors of all pages: on the console, uncaught exceptions, and failed requests. */
export type Complaints = readonly string[]

export function listen(context: BrowserContext): Complaints {
  const complaints: string[] = []
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(`exception: ${error.error().message}`))
  context.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  return complaints
}

const shows = (page: Page, id: string, text: string) =>
  page.waitForFunction(
    ([id, text]) => document.getElementById(id)?.textContent === text,
    [id, text] as const,
    {
      timeout: PATIENCE,
    },
  )

export async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await shows(page, 'state', 'online')
  return page
}

/** Checks that there was only one connection, and that it joined each room of the panel once. */
function countSockets(server: TestServer, earlier: number) {
  const { connected, connections, rooms } = server.state()
  assert.equal(connected, 1, 'sockets open on the server')
  assert.deepEqual(
    connections.slice(earlier).map(({ asked }) => asked),
    [['join stats']],
    'all connections of these tabs, and what each requested',
  )
  assert.deepEqual(rooms, [['stats']], 'rooms on the server')
}

/** Opens an app for the first time. Vite's dev server finds its dependencies then, and reloads page and worker with them. */
export async function visit(browser: Browser, url: string): Promise<void> {
  const context = await browser.newContext()
  await open(context, url)
  await open(context, url)
  await context.close()
}

export async function driveTabs(browser: Browser, url: string, server: TestServer): Promise<void> {
  const earlier = server.state().connections.length
  const context = await browser.newContext()
  const complaints = listen(context)
  try {
    const first = await open(context, url)
    const second = await open(context, url)
    for (const n of [41, 42]) {
      server.emit('stats', 'stats', { n })
      await Promise.all([first, second].map((page) => shows(page, 'value', `${n}`)))
    }
    countSockets(server, earlier)

    // A reloaded tab has the last value at once, over the same socket.
    await first.reload()
    await Promise.all([shows(first, 'state', 'online'), shows(first, 'value', '42')])
    countSockets(server, earlier)
    assert.deepEqual(complaints, [], 'errors of the pages')
  } catch (error) {
    throw complaints.length === 0
      ? error
      : new Error(`${error}\nErrors of the pages:\n${complaints.join('\n')}`)
  } finally {
    await context.close()
  }
}
