/** What a chaos run does with a browser. Each engine has an implementation. */

export const ENGINES = ['chromium', 'firefox', 'webkit'] as const
export type EngineName = (typeof ENGINES)[number]

export interface PageEvents {
  /** An uncaught error of the page. */
  error(message: string): void
  /** The page's process has ended. A crash also ends the other pages of that process. */
  crash(): void
}

export interface ChaosPage {
  listen(events: PageEvents): void
  /** Resolves once the page has loaded. */
  load(url: string): Promise<void>
  /** Resolves once the new page has begun to load. */
  reload(): Promise<void>
  /** Navigates to an empty page. */
  leave(): Promise<void>
  /** Returns from there. Resolves once the page has begun to load. */
  back(): Promise<void>
  /** Opens the page's address in another tab, which gets a copy of the session storage. */
  duplicate(): Promise<ChaosPage>
  /** Runs an expression in the page, and waits if it is a promise. Rejects if the page ends before. */
  evaluate(expression: string): Promise<unknown>
  /** Ends the page's process without a word. Resolves once the browser has noticed. */
  crash(): Promise<void>
  /** Stops the page's process for this long, and with it all pages and workers of that process. */
  freeze(ms: number): Promise<void>
  close(): Promise<void>
}

export interface ChaosBrowser {
  /** Resolves to the reason when nobody can drive the browser any more. */
  readonly lost: Promise<string>
  open(): Promise<ChaosPage>
  /** Runs an expression in all pages, also in those that `duplicate` has not returned yet. */
  evaluateEverywhere(expression: string): Promise<void>
  /** The processes in which workers run, where one can be ended or stopped. */
  workerProcesses(): readonly number[]
  close(): Promise<void>
}

/** Starts a browser without a window. */
export type Launch = () => Promise<ChaosBrowser>
