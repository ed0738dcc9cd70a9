import { cannot, type Engine, type EnginePage, READY } from '../engine.ts'
import { processMemory } from '../process-memory.ts'
import type { Browser, Window } from './browser.ts'

/** WebKitGTK, driven by WebDriver and, where that has no call, by signals to its processes. */

/** WebDriver focuses a window before each command, and the event arrives at some later time. Where a test wants a focus, it says so. */
const WITHOUT_FOCUS = `addEventListener('focus', (event) => event.isTrusted && event.stopImmediatePropagation(), true)`

async function open(browser: Browser, url: string): Promise<EnginePage> {
  const window = await browser.open()
  async function start() {
    await window.evaluate(WITHOUT_FOCUS)
    await window.evaluate(READY)
  }
  let isFrozen = false
  const freeze = async (next: boolean) => {
    isFrozen = next
    process.kill(window.pid, next ? 'SIGSTOP' : 'SIGCONT')
  }
  const page: EnginePage = {
    run: (source, args) => window.evaluate(`(${source})(...${JSON.stringify(args)})`),
    goto: window.load,
    async reload() {
      await window.reload()
      await start()
    },
    crash: window.crash,
    freeze,
    async close() {
      // A frozen window would not close.
      if (isFrozen) await freeze(false)
      await window.close()
    },
    memory: async () => processMemory(window.pid),
    heap: cannot('tell the size of its heap'),
    press: cannot('press a key'),
    look: cannot('change its look'),
    download: cannot('download a file'),
  }
  await window.load(url)
  await start()
  return page
}

/** Closes connections first where pages and workers do so on `versionchange`. WebDriver cannot clear a site's data. */
const WIPE = `indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => new Promise((done, fail) => {
  const request = indexedDB.deleteDatabase(name)
  request.onsuccess = done
  request.onerror = fail
}))))`

export const webkitEngine = (browser: Browser, tests: Window): Engine => ({
  open: (url) => open(browser, url),
  launch: cannot('keep its profile when the browser ends'),
  wipeDatabases: async () => void (await tests.evaluate(WIPE)),
})
