import { devices, type Page } from 'playwright'
import { cannot, type EnginePage, READY } from './engine.ts'

/** A page that a test can freeze. Playwright keeps its own pages awake, so this one is driven by the debugger's protocol. */
export interface FreezablePage {
  /** Runs `(${source})(...args)` in the page. */
  run(source: string, args: readonly unknown[]): Promise<unknown>
  /** Freezes the page, as a browser does with one that was in the background for minutes, or wakes it. */
  freeze(isFrozen: boolean): Promise<void>
  /** Brings the page to the front, or to the background. */
  show(isInFront: boolean): Promise<void>
  /** Ends the page's process, and tells the page nothing, as a phone does that is short of memory. */
  discard(): Promise<void>
  /** Loads a discarded page again, as a browser does when the user returns to it. */
  restore(): Promise<void>
  close(): Promise<void>
}

const { userAgent, viewport, deviceScaleFactor } = devices['Pixel 7'] as (typeof devices)[string]
/** How much slower a phone's processor is than this one. */
const SLOWER = 4

/** What makes a page believe that it is on a phone. */
const PHONE: readonly (readonly [method: string, params: object])[] = [
  ['Emulation.setDeviceMetricsOverride', { ...viewport, deviceScaleFactor, mobile: true }],
  ['Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 5 }],
  ['Emulation.setUserAgentOverride', { userAgent }],
  ['Emulation.setCPUThrottlingRate', { rate: SLOWER }],
]

async function openTarget(beside: Page, url: string, isPhone = false): Promise<FreezablePage> {
  const other = await beside.context().newCDPSession(beside)
  const { targetInfo } = await other.send('Target.getTargetInfo')
  await other.detach()
  const browser = await beside.context().browser()?.newBrowserCDPSession()
  if (!browser) throw new Error('The page has no browser.')
  // Playwright does not see a hidden target.
  const target = {
    url: isPhone ? 'about:blank' : url,
    hidden: true,
    browserContextId: targetInfo.browserContextId ?? '',
  }
  const { targetId } = await browser.send('Target.createTarget', target)
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId })
  const pending = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>()
  let calls = 0
  let onCrash = () => {}
  browser.on('Target.receivedMessageFromTarget', (event) => {
    const answer = JSON.parse(event.message)
    if (event.sessionId !== sessionId) return
    if (answer.method === 'Inspector.targetCrashed') onCrash()
    pending.get(answer.id)?.(answer)
  })

  async function post(method: string, params: object): Promise<number> {
    calls += 1
    const id = calls
    const message = JSON.stringify({ id, method, params })
    await browser?.send('Target.sendMessageToTarget', { sessionId, message })
    return id
  }

  async function call(method: string, params: object): Promise<unknown> {
    const id = calls + 1
    const answered = new Promise<{ result?: unknown; error?: { message: string } }>((answer) =>
      pending.set(id, answer),
    )
    await post(method, params)
    const { result, error } = await answered
    pending.delete(id)
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }

  await call('Inspector.enable', {})
  if (isPhone) {
    for (const [method, params] of PHONE) await call(method, params)
    await call('Page.navigate', { url })
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
    show: async (isInFront) =>
      void (await call('Emulation.setFocusEmulationEnabled', { enabled: isInFront })),
    async discard() {
      const crashed = new Promise<void>((resolve) => {
        onCrash = resolve
      })
      // It is never answered.
      await post('Page.crash', {})
      await crashed
    },
    async restore() {
      await call('Page.navigate', { url })
      await call('Page.setWebLifecycleState', { state: 'active' })
    },
    async close() {
      await browser.send('Target.closeTarget', { targetId })
      await browser.detach()
    },
  }
}

const not = cannot('do this: it is not driven by Playwright')
const NOT_DRIVEN = {
  goto: not,
  reload: not,
  crash: not,
  memory: not,
  heap: not,
  press: not,
  look: not,
  download: not,
}

/** Opens a page beside another one, with which it shares storage and workers. Resolves once the page's script has run. */
export async function openFreezablePage(
  beside: Page,
  url: string,
  isPhone = false,
): Promise<EnginePage & FreezablePage> {
  const page = await openTarget(beside, url, isPhone)
  const ready = () => page.run(`() => ${READY}`, [])
  await ready()
  return {
    ...NOT_DRIVEN,
    ...page,
    async restore() {
      await page.restore()
      await ready()
    },
  }
}
