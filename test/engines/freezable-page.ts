import type { Page } from 'playwright'

/** A page that a test can freeze. Playwright keeps its own pages awake, so this one is driven by the debugger's protocol. */
export interface FreezablePage {
  /** Runs `(${source})(...args)` in the page. */
  run(source: string, args: readonly unknown[]): Promise<unknown>
  /** Freezes the page, as a browser does with one that was in the background for minutes, or wakes it. */
  freeze(isFrozen: boolean): Promise<void>
  close(): Promise<void>
}

/** Opens a page beside another one, with which it shares storage and workers. */
export async function openFreezablePage(beside: Page, url: string): Promise<FreezablePage> {
  const other = await beside.context().newCDPSession(beside)
  const { targetInfo } = await other.send('Target.getTargetInfo')
  await other.detach()
  const browser = await beside.context().browser()?.newBrowserCDPSession()
  if (!browser) throw new Error('The page has no browser.')
  // Playwright does not see a hidden target.
  const target = { url, hidden: true, browserContextId: targetInfo.browserContextId ?? '' }
  const { targetId } = await browser.send('Target.createTarget', target)
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId })
  const pending = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>()
  let calls = 0
  browser.on('Target.receivedMessageFromTarget', (event) => {
    const answer = JSON.parse(event.message)
    if (event.sessionId === sessionId) pending.get(answer.id)?.(answer)
  })

  async function call(method: string, params: object): Promise<unknown> {
    calls += 1
    const id = calls
    const answered = new Promise<{ result?: unknown; error?: { message: string } }>((answer) =>
      pending.set(id, answer),
    )
    const message = JSON.stringify({ id, method, params })
    await browser?.send('Target.sendMessageToTarget', { sessionId, message })
    const { result, error } = await answered
    pending.delete(id)
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }

  return {
    async run(source, args) {
      const expression = `(${source})(...${JSON.stringify(args)})`
      const { result, exceptionDetails } = (await call('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })) as { result: { value: unknown }; exceptionDetails?: { text: string } }
      if (exceptionDetails) throw new Error(exceptionDetails.text)
      return result.value
    },
    freeze: async (isFrozen) =>
      void (await call('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' })),
    async close() {
      await browser.send('Target.closeTarget', { targetId })
      await browser.detach()
    },
  }
}
