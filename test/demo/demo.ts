import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright'
import type { Census } from '../../demo/server/census'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'

/** The demo as `npm run demo` starts it, and a browser to use it with. */

const START = fileURLToPath(new URL('../../demo/start.ts', import.meta.url))

export interface Demo {
  readonly url: string
  readonly pid: number
  /** All it has printed. */
  readonly output: () => string
  /** The server's own count; rejects while it is away. */
  census(): Promise<Census>
  /** Resolves with its exit code, whyever it ends. */
  readonly ended: Promise<number | null>
  /** Ends it as Ctrl-C would; resolves with its exit code. */
  stop(): Promise<number | null>
}

function exitOf(process: ChildProcess): Promise<number | null> {
  if (process.exitCode !== null) return Promise.resolve(process.exitCode)
  return new Promise((resolve) => process.once('exit', resolve))
}

/** Starts the demo; on any free port, unless one is named. */
export async function startDemo(port = 0, environment: NodeJS.ProcessEnv = {}): Promise<Demo> {
  const process_ = fork(START, {
    env: { ...process.env, PORT: String(port), ...environment },
    execArgv: ['--import', 'tsx'],
    stdio: 'pipe',
  })
  // A run that ends early leaves nothing behind.
  const end = () => process_.kill()
  process.once('exit', end)
  process_.once('exit', () => process.off('exit', end))
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk
      const [, found] = /Partyline demo: (\S+?)\/\s/.exec(output) ?? []
      if (found !== undefined) resolve(found)
    }
    process_.stdout?.on('data', hear)
    process_.stderr?.on('data', hear)
    process_.once('exit', (code) => reject(new Error(`The demo ended with code ${code}:\n${output}`)))
  })
  const ended = exitOf(process_)
  return {
    url,
    pid: process_.pid ?? 0,
    output: () => output,
    census: async () => (await fetch(`${url}/api/census`)).json(),
    ended,
    stop() {
      process_.kill('SIGINT')
      return ended
    },
  }
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...CHROMIUM_ARGUMENTS, '--enable-precise-memory-info'],
  })
}

/** What pages say, for themselves and for their worker, that the browser itself does not print for a refused or broken connection. */
export function watchConsole(context: BrowserContext): string[] {
  const said: string[] = []
  const isTheBrowsers = /^Failed to load resource|WebSocket connection to .* failed|net::ERR_/
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isTheBrowsers.test(message.text()))
      said.push(message.text())
  })
  context.on('weberror', (error) => said.push(String(error.error())))
  return said
}

/** A dashboard in a tab, as a person sees it. */
export interface Tab {
  readonly page: Page
  readonly badge: Locator
  readonly panel: Locator
  /** One fault's card. */
  fault(label: string): Locator
  /** Presses a fault's button, with so many seconds or events. */
  press(label: string, amount?: number): Promise<void>
  /** Resolves once a fault's promise was kept, or the time for it is over: with what the page says of it. */
  verdict(label: string, timeout?: number): Promise<string>
  /** Resolves once the badge says so. */
  says(state: string, timeout?: number): Promise<void>
  /** Resolves once the panel is in this state. */
  shows(state: string, timeout?: number): Promise<void>
}

export function tabOf(page: Page): Tab {
  const fault = (label: string) =>
    page.locator('.fault').filter({ has: page.getByRole('button', { name: label, exact: true }) })
  return {
    page,
    badge: page.locator('#badge'),
    panel: page.locator('#panel'),
    fault,
    async press(label, amount) {
      const card = fault(label)
      if (amount !== undefined) await card.getByRole('spinbutton').fill(String(amount))
      await card.getByRole('button', { name: label, exact: true }).click()
    },
    async verdict(label, timeout = 60_000) {
      const over = page.locator('[data-verdict="held"], [data-verdict="missed"]')
      await fault(label).and(over).waitFor({ timeout })
      return fault(label).locator('.proof').innerText()
    },
    says: (state, timeout = 15_000) => page.locator(`#badge[data-state="${state}"]`).waitFor({ timeout }),
    shows: (state, timeout = 15_000) => page.locator(`#panel[data-state="${state}"]`).waitFor({ timeout }),
  }
}

export async function openTab(context: BrowserContext, url: string): Promise<Tab> {
  const page = await context.newPage()
  await page.goto(url)
  return tabOf(page)
}
