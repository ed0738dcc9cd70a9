import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright'
import type { Kind, ServerCounts } from '../../demo/server/counts'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'

/** Starts the demo as `npm run demo` does, and a browser to use it with. */

const START = fileURLToPath(new URL('../../demo/start.ts', import.meta.url))

export interface Demo {
  readonly url: string
  readonly pid: number
  /** Everything it has printed. */
  readonly output: () => string
  /** The counts of the server of this kind, by default of Socket.IO; rejects while it is down. */
  counts(kind?: Kind): Promise<ServerCounts>
  /** Resolves with its exit code when it ends, for whatever reason. */
  readonly ended: Promise<number | null>
  /** Ends it as Ctrl-C does; resolves with its exit code. */
  stop(): Promise<number | null>
}

function exitOf(process: ChildProcess): Promise<number | null> {
  if (process.exitCode !== null) return Promise.resolve(process.exitCode)
  return new Promise((resolve) => process.once('exit', resolve))
}

/** Starts the demo, by default on any free port. */
export async function startDemo(port = 0, environment: NodeJS.ProcessEnv = {}): Promise<Demo> {
  const child = fork(START, {
    env: { ...process.env, PORT: String(port), ...environment },
    execArgv: ['--import', 'tsx'],
    stdio: 'pipe',
  })
  // If the test run ends early, end the demo too.
  const end = () => child.kill()
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const onOutput = (chunk: Buffer) => {
      output += chunk
      const [, found] = /Partyline demo: (\S+?)\/\s/.exec(output) ?? []
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    child.once('exit', (code) => reject(new Error(`The demo ended with code ${code}:\n${output}`)))
  })
  const ended = exitOf(child)
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    counts: async (kind = 'socketIo') => (await fetch(`${url}/api/counts?kind=${kind}`)).json(),
    ended,
    stop() {
      child.kill('SIGINT')
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

/** Warnings and errors of pages and of their worker, without those that the browser prints for failed connections. */
export function watchConsole(context: BrowserContext): string[] {
  const messages: string[] = []
  const isFromBrowser = /^Failed to load resource|WebSocket connection to .* failed|net::ERR_/
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isFromBrowser.test(message.text()))
      messages.push(message.text())
  })
  context.on('weberror', (error) => messages.push(String(error.error())))
  return messages
}

/** A tab with the dashboard, used as a person would. */
export interface Tab {
  readonly page: Page
  readonly badge: Locator
  readonly panel: Locator
  /** The card of a fault. */
  fault(label: string): Locator
  /** Presses the button of a fault; `amount`: its seconds or events. */
  press(label: string, amount?: number): Promise<void>
  /** Resolves once all steps of a fault have happened, or its time is over, with the text of its card. */
  verdict(label: string, timeout?: number): Promise<string>
  /** Resolves once the badge shows this state. */
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
      const isOver = page.locator('[data-verdict="passed"], [data-verdict="failed"]')
      await fault(label).and(isOver).waitFor({ timeout })
      return fault(label).locator('.result').innerText()
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
