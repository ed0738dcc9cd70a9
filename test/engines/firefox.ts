import { randomUUID } from 'node:crypto'
import { type Browser, firefox, type Page } from 'playwright'
import { findFirefox } from '../../scripts/firefox.ts'
import { cannot, type Engine, type EnginePage } from './engine.ts'
import { debuggerAt, freePort, openFirefoxConsole } from './firefox-console.ts'
import { openPlaywrightPage } from './playwright-page.ts'
import { processMemory } from './process-memory.ts'

/** Firefox, driven by Playwright over WebDriver BiDi and, where that has no call, by its debugger and by signals to its processes. */

type Console = (script: string) => Promise<unknown>

/** The debugger's port of the browser that the tests run in. */
let testsPort: number | undefined
const consoles = new WeakMap<Browser, Promise<Console>>()

function launchOptions(port: number) {
  const executablePath = findFirefox()
  const { args, firefoxUserPrefs } = debuggerAt(port)
  return {
    // A Firefox that is not Playwright's own speaks WebDriver BiDi, which this channel selects.
    ...(executablePath !== undefined && { executablePath, channel: 'moz-firefox' }),
    args,
    firefoxUserPrefs: {
      ...firefoxUserPrefs,
      // Each page gets its own process, as in Chromium, so that one can be killed or stopped alone.
      'dom.ipc.processCount.webIsolated': 64,
      // The tests' site on plain http, which has neither locks nor crypto.randomUUID.
      'network.dns.localDomains': 'plain.test',
    },
  }
}

/** How the browser is started that the tests run in. */
export async function firefoxLaunch() {
  testsPort = await freePort()
  return launchOptions(testsPort)
}

async function openConsole(port: number): Promise<Console> {
  const run = await openFirefoxConsole(port)
  // Playwright sets it, and then Firefox ends when one of its pages crashes.
  await run(`Services.env.set('MOZ_CRASHREPORTER_SHUTDOWN', '')`)
  return run
}

function consoleOf(page: Page, port = testsPort): Promise<Console> {
  const browser = page.context().browser()
  if (!browser || port === undefined) throw new Error('The page’s browser was started without a debugger.')
  const opened = consoles.get(browser) ?? openConsole(port)
  consoles.set(browser, opened)
  return opened
}

/** The id of the page's process. The tab is found by its title, because two pages may have one address. */
async function processOf(page: Page, run: Console): Promise<number> {
  const title = randomUUID()
  await page.evaluate((name) => {
    document.title = name
  }, title)
  const find = `[...Services.wm.getEnumerator('navigator:browser')].flatMap(({ gBrowser }) => [...gBrowser.browsers])
    .find(({ contentTitle }) => contentTitle === '${title}')?.browsingContext.currentWindowGlobal.osPid`
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const pid = await run(find)
    if (typeof pid === 'number' && pid > 0) return pid
  }
  throw new Error('Firefox does not know the page’s process.')
}

async function open(page: Page, url: string, port?: number): Promise<EnginePage> {
  const run = await consoleOf(page, port)
  /** The page's process. A page that is frozen or blocked cannot be asked for it. */
  let known: number | undefined
  let isFrozen = false
  const pid = async () => {
    known ??= await processOf(page, run)
    return known
  }
  const opened = await openPlaywrightPage(page, url, {
    crash: async () => void process.kill(await pid(), 'SIGKILL'),
    async freeze(next) {
      process.kill(await pid(), next ? 'SIGSTOP' : 'SIGCONT')
      isFrozen = next
    },
    memory: async () => processMemory(await pid()),
    heap: cannot('tell the size of its heap'),
  })
  const moves = (go: () => Promise<void>) => {
    known = undefined
    return go()
  }
  return {
    ...opened,
    goto: (to) => moves(() => opened.goto(to)),
    reload: () => moves(opened.reload),
    async close() {
      // A frozen page would not answer.
      if (isFrozen && known !== undefined) process.kill(known, 'SIGCONT')
      await opened.close()
    },
  }
}

export const firefoxEngine = (tests: Page): Engine => ({
  // Each page has its own process, and can be frozen.
  open: async (url) => open(await tests.context().newPage(), url),
  async launch(folder) {
    const port = await freePort()
    const browser = await firefox.launchPersistentContext(folder, launchOptions(port))
    return {
      open: async (url) => open(await browser.newPage(), url, port),
      close: () => browser.close(),
    }
  },
  async wipeDatabases() {
    const run = await consoleOf(tests)
    await run(`new Promise((done) => {
      const { contentPrincipal } = [...Services.wm.getEnumerator('navigator:browser')]
        .flatMap(({ gBrowser }) => [...gBrowser.browsers])
        .find(({ currentURI }) => currentURI.spec === ${JSON.stringify(tests.url())})
      Services.qms.clearStoragesForClient(contentPrincipal, 'idb', 'default').callback = () => done()
    })`)
  },
})
