import type { Browser, CDPSession, Page } from 'playwright'

/** What the browser's debugger tells of pages and shared workers. Playwright itself knows no shared worker. */

/** The shared workers that run, by the browser's own list. */
export async function sharedWorkers(browser: Browser) {
  const session = await browser.newBrowserCDPSession()
  const { targetInfos } = await session.send('Target.getTargets')
  await session.detach()
  return targetInfos.filter(({ type }) => type === 'shared_worker')
}

/** What a shared worker answers. Playwright speaks only to targets of its own, so messages are wrapped. */
async function ask(browser: CDPSession, sessionId: string, id: number, method: string): Promise<unknown> {
  const answer = new Promise((resolve) => {
    const hear = ({ message }: { message: string }) => {
      const heard = JSON.parse(message)
      if (heard.id !== id) return
      browser.off('Target.receivedMessageFromTarget', hear)
      resolve(heard.result)
    }
    browser.on('Target.receivedMessageFromTarget', hear)
  })
  await browser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) })
  return answer
}

/** What a page holds after a forced collection, in bytes. */
export async function pageHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

/** What a shared worker holds after a forced collection, in bytes. */
export async function workerHeap(browser: Browser, targetId: string): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
  await ask(session, sessionId, 1, 'HeapProfiler.collectGarbage')
  const { usedSize } = (await ask(session, sessionId, 2, 'Runtime.getHeapUsage')) as { usedSize: number }
  // A worker that is looked at cannot end.
  await session.detach()
  return usedSize
}
