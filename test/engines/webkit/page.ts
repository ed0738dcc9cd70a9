import type { Browser, Window } from './browser.ts'

/** A window of WebKit with the methods of Playwright's pages that the tests' commands call. */
export interface WebKitPage {
  goto(url: string): Promise<void>
  reload(): Promise<void>
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
  /** WebDriver does not report a page's errors: nothing is called. */
  once(): void
  off(): void
  readonly window: Window
}

export async function openPage(browser: Browser): Promise<WebKitPage> {
  const window = await browser.open()
  return {
    goto: (url) => (url === 'chrome://crash' ? window.crash() : window.load(url)),
    reload: window.reload,
    evaluate: window.evaluate,
    close: window.close,
    once() {},
    off() {},
    window,
  }
}
