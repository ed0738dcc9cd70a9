import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import { ROOT } from '../../scripts/entries'
import { type AppFolder, openAppFolder, type Served } from './app-folder'
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

/** What a user does next: adds a panel to the worker file, then to the page. */
const NEW_PANEL: readonly (readonly [file: string, text: string, instead: string])[] = [
  ['src/dashboard.worker.ts', "overview: ['stats']", "overview: ['stats'], clock: ['stats']"],
  [
    'src/main.ts',
    "line.subscribe('overview'",
    "line.subscribe('clock', ({ data }) => {\n  document.body.title = data.time\n})\nline.subscribe('overview'",
  ],
]

/** Edits the app, whose pages Vite reloads. Resolves to how long it took until the new panel was live in each of them, in ms. */
async function addPanel({ folder }: AppFolder, pages: readonly Page[]): Promise<number> {
  const complaints: string[] = []
  for (const page of pages) page.on('console', (message) => complaints.push(message.text()))
  const since = Date.now()
  for (const [file, text, instead] of NEW_PANEL) {
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    assert.ok(before.includes(text), `${file} has ${text}`)
    writeFileSync(path, before.replace(text, instead))
  }
  await Promise.all(
    pages.map((page) =>
      page.waitForFunction(() => !Number.isNaN(Date.parse(document.body.title)), undefined, {
        timeout: 20_000,
      }),
    ),
  )
  assert.deepEqual(
    complaints.filter((text) => !text.startsWith('[vite]')),
    [],
    'console of the pages',
  )
  return Date.now() - since
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
    const added = await addPanel(app, pages)
    assert.match(server.output(), /^(1 connected\n)+$/, 'the output of the server')
    await app.run(['npm', 'run', 'build'])
    const lines = steps.reduce((sum, { text }) => sum + text.split('\n').filter(Boolean).length, 0)
    return `${steps.length} steps, ${lines} lines, live in two tabs after ${(took / 1000).toFixed(1)} s; a new panel is live ${(added / 1000).toFixed(1)} s after it was saved`
  } finally {
    await context.close()
    await Promise.all(servers.map((one) => one.stop()))
  }
}
