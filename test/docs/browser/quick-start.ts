import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright'
import { createServer } from 'vite'
import { sharedWorkers } from '../../support/debugger.ts'
import { blocksIn } from '../blocks.ts'
import { ROOT } from '../pages.ts'
import { freePort } from '../servers/port.ts'
import { ALIAS, writeProject } from './project.ts'

const PAGE = 'docs/quick-start.md'
/** The server's port in the page. The tests replace it with a free one. */
const PORT = '3000'

/** A module that makes the server report its connections. */
const REPORTER = fileURLToPath(new URL('../servers/connections.mjs', import.meta.url))

const read = (page: Page) => page.evaluate(() => document.body.innerText)

export interface QuickStart {
  /** The texts of both pages when online, offline, online again, and after the change. */
  readonly texts: readonly (readonly string[])[]
  /** Reports of connections and workers. They help to explain a wrong number of connections. */
  readonly reports: readonly string[]
}

/** Waits for a text. Polls by a timer, because a page in the background may draw no frames. */
const until = (page: Page, words: string) =>
  page.waitForFunction((text) => document.body.innerText.includes(text), words, {
    polling: 20,
    timeout: 30_000,
  })

/** Makes the changes that the page describes: a line replaces the one that begins with the same word, or is added. */
function change(folder: string) {
  for (const { code, skipped = '' } of blocksIn(PAGE, readFileSync(join(ROOT, PAGE), 'utf8'))) {
    const [, name] = /^a change of (.+)$/.exec(skipped) ?? []
    if (name === undefined) continue
    const [first = ''] = code.trim().split(' ')
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    const at = lines.findIndex((line) => line.trim().startsWith(first))
    lines.splice(at < 0 ? lines.length : at, 1, code)
    writeFileSync(join(folder, name), lines.join('\n'))
  }
}

/** Follows the quick start: opens two tabs, stops the server, starts it again, and changes the app. */
export async function followQuickStart(context: BrowserContext): Promise<QuickStart> {
  const port = await freePort()
  const { folder, remove } = writeProject(PAGE, (code) => code.replaceAll(PORT, String(port)))
  let server: ChildProcess | undefined
  const startedAt = Date.now()
  const reports: string[] = []
  const report = (who: string, text: string) => reports.push(`${Date.now() - startedAt} ms, ${who}: ${text}`)
  const start = () => {
    server = spawn(process.execPath, ['--import', REPORTER, 'server.js'], {
      cwd: folder,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    })
    report('server', `started as process ${server.pid} on port ${port}`)
    server.on('message', (text) => report('server', String(text)))
  }
  const stop = () =>
    new Promise<void>((done) => {
      if (!server || server.exitCode !== null || server.signalCode !== null) return done()
      server.once('exit', () => done())
      server.kill()
    })
  const vite = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'error',
    cacheDir: join(folder, '.vite'),
    resolve: { alias: ALIAS },
    optimizeDeps: { include: ['socket.io-client', 'socket.io-parser', 'idb-keyval'] },
    server: { host: '127.0.0.1', port: await freePort(), fs: { strict: false } },
  })
  const pages: Page[] = []
  const texts: string[][] = []
  try {
    start()
    await vite.listen()
    const [url = ''] = vite.resolvedUrls?.local ?? []
    for (let n = 0; n < 2; n += 1) pages.push(await context.newPage())
    for (const [n, page] of pages.entries()) {
      page.on('console', (message) => report(`page ${n}`, message.text()))
      page.on('load', () => report(`page ${n}`, 'loaded'))
      await page.goto(url)
    }
    const readBoth = async (words: string) => {
      for (const page of pages) await until(page, words)
      texts.push(await Promise.all(pages.map(read)))
      const browser = context.browser()
      for (const { targetId, url } of browser ? await sharedWorkers(browser) : [])
        report('browser', `runs shared worker ${targetId} of ${url}`)
    }
    await readBoth('connection(s)')
    await stop()
    await readBoth('offline')
    start()
    await readBoth('online')
    change(folder)
    await readBoth('clock: ')
  } finally {
    await Promise.all(pages.map((page) => page.close()))
    await vite.close()
    await stop()
    remove()
  }
  return { texts, reports }
}
