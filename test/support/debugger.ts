import type { Browser, CDPSession, Page } from 'playwright'

/** Reads pages and shared workers through the browser's debugger, because Playwright does not know shared workers. */

/** The running shared workers. */
export async function sharedWorkers(browser: Browser) {
  const session = await browser.newBrowserCDPSession()
  const { targetInfos } = await session.send('Target.getTargets')
  await session.detach()
  return targetInfos.filter(({ type }) => type === 'shared_worker')
}

/** Sends a command to a shared worker. It is wrapped in a message to the browser, because Playwright has no session for it. */
async function ask(browser: CDPSession, sessionId: string, id: number, method: string): Promise<unknown> {
  const answer = new Promise((resolve) => {
    const onMessage = ({ message }: { message: string }) => {
      const received = JSON.parse(message)
      if (received.id !== id) return
      browser.off('Target.receivedMessageFromTarget', onMessage)
      resolve(received.result)
    }
    browser.on('Target.receivedMessageFromTarget', onMessage)
  })
  await browser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) })
  return answer
}

/** The heap size of a page after a forced garbage collection, in bytes. */
export async function pageHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

/** The heap size of a shared worker after a forced garbage collection, in bytes. */
export async function workerHeap(browser: Browser, targetId: string): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
  await ask(session, sessionId, 1, 'HeapProfiler.collectGarbage')
  const { usedSize } = (await ask(session, sessionId, 2, 'Runtime.getHeapUsage')) as { usedSize: number }
  // A worker cannot end while a debugger is attached.
  await session.detach()
  return usedSize
}
