import { findWebKit } from '../../scripts/webkit'
import { startBrowser, type Window } from '../engines/webkit/browser'
import type { ChaosPage, Launch, PageEvents } from './browser'
import { freeze } from './processes'

/**
 * WebKitGTK, over WebDriver. Each window has a process of its own, and the worker runs in one of them. It does not report the errors
 * of pages. After a crash, it cannot be asked anything for about a second.
 */
export const launchWebKit: Launch = async () => {
  const found = findWebKit()
  if (found === undefined)
    throw new Error('No WebKitGTK found. Run `npx tsx scripts/webkit.ts` to install it.')
  const browser = await startBrowser(found)
  const windows = new Set<Window>()

  async function open(): Promise<ChaosPage> {
    const window = await browser.open()
    const listeners: PageEvents[] = []
    windows.add(window)
    return {
      listen: (events) => void listeners.push(events),
      load: window.load,
      reload: window.reload,
      leave: () => window.load('about:blank'),
      back: window.back,
      // WebDriver cannot drive a window that a page has opened.
      async duplicate() {
        const [url, entries] = (await window.evaluate('[location.href, { ...sessionStorage }]')) as [
          string,
          object,
        ]
        const copy = await open()
        await copy.load(new URL('/clock', url).href)
        await copy.evaluate(`void Object.assign(sessionStorage, ${JSON.stringify(entries)})`)
        await copy.load(url)
        return copy
      },
      evaluate: window.evaluate,
      async crash() {
        windows.delete(window)
        await window.crash()
        for (const { crash } of listeners) crash()
      },
      freeze: (ms) => freeze(window.pid, ms),
      async close() {
        if (windows.delete(window)) await window.close()
      },
    }
  }

  return {
    lost: browser.lost,
    open,
    evaluateEverywhere: async (expression) =>
      void (await Promise.allSettled([...windows].map(({ evaluate }) => evaluate(expression)))),
    // A process that shows a window may end only together with it.
    workerProcesses: () => [],
    close: browser.close,
  }
}
