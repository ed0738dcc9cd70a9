import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { ROOT } from '../../scripts/entries'
import { openAppFolder, type Served } from './app-folder'
import { freePort } from './reverse-proxy'

/** A step of the quick start in README.md. */
export interface Step {
  /** The file to write. A step without one is shell commands. */
  readonly file?: string
  readonly text: string
}

const SECTION = /^## Quick start\n([\s\S]*?)(?=^## )/m
const STEP = /^\d+\. (.*)\n\n {3}```(\w+)\n([\s\S]*?)\n {3}```$/gm

export function readSteps(readme: string): readonly Step[] {
  const section = SECTION.exec(readme)?.[1] ?? ''
  const steps = [...section.matchAll(STEP)].map(([, title = '', language, block = '']): Step => {
    const text = block.replace(/^ {3}/gm, '')
    const file = /`([^`]+)`$/.exec(title)?.[1]
    if (language === 'sh') return { text }
    if (file === undefined)
      throw new Error(`README.md: the title of this step should end with a file name: ${title}`)
    return { file, text }
  })
  if (steps.length === 0) throw new Error('README.md has no quick start.')
  return steps
}

/** Waits until the page's text is a time other than `before`, and returns it. */
async function nextTime(page: Page, before: string): Promise<string> {
  const handle = await page.waitForFunction(
    (before) => {
      const text = document.body.textContent ?? ''
      return text !== before && !Number.isNaN(Date.parse(text)) && text
    },
    before,
    { timeout: 20_000 },
  )
  return String(await handle.jsonValue())
}

/**
 * Follows the quick start word for word, with two exceptions: the library comes from the tarball, and the server listens on
 * a free port. Returns a summary for the report.
 */
export async function followQuickStart(browser: Browser, folder: string, tarball: string): Promise<string> {
  const steps = readSteps(readFileSync(join(ROOT, 'README.md'), 'utf8'))
  const servers: Served[] = []
  const context = await browser.newContext()
  const since = Date.now()
  try {
    const port = `${await freePort()}`
    let app = openAppFolder(folder)
    mkdirSync(folder, { recursive: true })
    for (const [index, { file, text }] of steps.entries()) {
      if (file !== undefined) {
        writeFileSync(join(app.folder, file), `${text}\n`.replaceAll('3000', port))
        continue
      }
      for (const line of text.split('\n')) {
        const command = line.split(' ').map((word) => (word === 'partyline' ? tarball : word))
        if (command[0] === 'cd') app = openAppFolder(join(app.folder, command[1] ?? '.'))
        else if (index < steps.length - 1) await app.run(command)
        else servers.push(app.serve(command))
      }
    }
    const [server, vite] = servers
    if (!server || !vite) throw new Error('The last step of the quick start starts a server and Vite.')
    const [address] = await vite.waitForOutput(/http:\/\/localhost:\d+\//)
    const pages = [await context.newPage(), await context.newPage()]
    await Promise.all(pages.map((page) => page.goto(address)))
    const first = await Promise.all(pages.map((page) => nextTime(page, '')))
    const took = Date.now() - since
    await Promise.all(pages.map((page, index) => nextTime(page, first[index] ?? '')))
    assert.equal(server.output(), '1 connected\n', 'the output of the server')
    await app.run(['npm', 'run', 'build'])
    const lines = steps.reduce((sum, { text }) => sum + text.split('\n').filter(Boolean).length, 0)
    return `${steps.length} steps, ${lines} lines, live in two tabs after ${(took / 1000).toFixed(1)} s`
  } finally {
    await context.close()
    await Promise.all(servers.map((one) => one.stop()))
  }
}
