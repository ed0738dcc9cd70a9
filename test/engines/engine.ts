/** What the tests' commands ask of a browser. Each engine does it in its own way, so that no test asks which engine it runs in. */
export interface Engine {
  /** Opens a page beside the tests' own, with which it shares storage and workers. Resolves once the page's script has run. */
  open(url: string, need?: Need): Promise<EnginePage>
  /** Starts a browser with its own profile, in this folder. */
  launch(folder: string): Promise<OwnBrowser>
  /** Deletes the databases of the tests' origin, as clearing the site's data does. */
  wipeDatabases(): Promise<void>
}

/** What a test needs of a page: a process of its own, whose memory can be read, or that it can be frozen. */
export type Need = 'own process' | 'freezable'

export interface OwnBrowser {
  open(url: string): Promise<EnginePage>
  close(): Promise<void>
}

export interface EnginePage {
  /** Runs `(${source})(...args)` in the page. */
  run(source: string, args: readonly unknown[]): Promise<unknown>
  goto(url: string): Promise<void>
  /** Resolves once the script of the new page has run. */
  reload(): Promise<void>
  /** Ends the page's process, and a worker that lives there. The page gets no event. */
  crash(): Promise<void>
  /** Stops all that the page does, as a browser does with one that was in the background for minutes, or lets it go on. */
  freeze(isFrozen: boolean): Promise<void>
  close(): Promise<void>
  /** The memory of the page's process, in MB; `undefined` where it cannot be read. */
  memory(): Promise<number | undefined>
  /** The heap sizes of the page and of the worker of a test after a forced garbage collection, in bytes. */
  heap(test: string): Promise<{ readonly page: number; readonly worker: number }>
  /** Presses a key, as a user does. */
  press(key: string): Promise<void>
  /** Sets the page's colour scheme and size. */
  look(look: PageLook): Promise<void>
  /** Presses the button with this name, and waits for the file that it downloads. */
  download(button: string): Promise<{ readonly name: string; readonly text: string }>
}

export interface PageLook {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/**
 * Source of an expression that resolves once a page's script has run. Playwright's own `waitForFunction` takes 50 ms longer,
 * because it injects a library into the page. It polls by a timer, because a page in the background may draw no frames.
 */
export const READY = `new Promise((ready, fail) => {
  const look = () => ('tab' in window ? ready() : setTimeout(look, 5))
  look()
  setTimeout(fail, 10_000, new Error('The page has no "tab" after 10 s. Did its script load?'))
})`

/** Rejects: this engine's pages cannot do it. A test that needs it says so by `bench.needs`. */
export const cannot = (what: string) => (): Promise<never> =>
  Promise.reject(new Error(`This page cannot ${what}.`))
