import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebKit } from '../../../scripts/webkit.ts'
import { createPlainHost } from './plain-host.ts'
import { createSession } from './webdriver.ts'

/** A MiniBrowser without a screen, and the WebDriver that drives it. All its windows share workers and storage. */
export interface Browser {
  readonly version: string
  /** Resolves to the reason when nobody can drive the browser any more. */
  readonly lost: Promise<string>
  /** Opens an empty window. */
  open(): Promise<Window>
  close(): Promise<void>
}

export interface Window {
  /** The window's process, which no other window has. It may outlive the window, with a worker. */
  readonly pid: number
  /** Loads an address. Resolves once the page is loaded. */
  load(url: string): Promise<void>
  reload(): Promise<void>
  /** Goes back in the window's history. Resolves once the page is loaded, or shown again. */
  back(): Promise<void>
  /** The value of an expression in the window, or what its promise resolves to. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
  /** Ends the window's process as a crash does. The window is gone then. */
  crash(): Promise<void>
}

/** How often to look whether a program has started, in ms. */
const LOOK_EVERY = 20
const STARTS_WITHIN = 20_000
/** How long the browser may take to answer a new driver, in ms. */
const ANSWERS_WITHIN = 8000
/** How long it may take until the browser has another driver after a crash, in ms. Meanwhile other windows may be frozen. */
const REPLACED_WITHIN = 60_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function until<T>(what: string, act: () => Promise<T>, within = STARTS_WITHIN): Promise<T> {
  const end = Date.now() + within
  for (;;) {
    try {
      return await act()
    } catch (cause) {
      if (Date.now() > end) throw new Error(`${what} did not start within ${within} ms.`, { cause })
      await sleep(LOOK_EVERY)
    }
  }
}

/** Starts a program that does not outlive this process. */
function start(path: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const program = spawn(path, args, options)
  const kill = () => program.kill('SIGKILL')
  process.once('exit', kill)
  program.once('exit', () => process.off('exit', kill))
  return program
}

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return
  program.kill('SIGKILL')
  await once(program, 'exit')
}

/** Starts an X server. It chooses a free display, and writes which. */
async function startDisplay(
  path: string,
): Promise<{ readonly program: ChildProcess; readonly name: string }> {
  const program = start(path, ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [chosen] = await once(program.stdio[3] as NodeJS.ReadableStream, 'data')
  return { program, name: `:${String(chosen).trim()}` }
}

/** Starts a driver for the browser that listens on a port, and another one if the browser does not answer the first. */
async function startDriver(path: string, target: number, within: number) {
  const startOne = async () => {
    const port = await freePort()
    const program = start(path, [`--port=${port}`, '--host=127.0.0.1', `--target=127.0.0.1:${target}`], {
      stdio: 'ignore',
    })
    try {
      const create = () => createSession(`http://127.0.0.1:${port}`, ANSWERS_WITHIN)
      return { program, session: await until('A session', create, ANSWERS_WITHIN) }
    } catch (error) {
      await end(program)
      throw error
    }
  }
  return until('WebKitWebDriver', startOne, within)
}

export async function startBrowser(webkit: WebKit): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), 'partyline-webkit-'))
  const display = await startDisplay(webkit.display)
  const port = await freePort()
  const plainHost = await createPlainHost()
  const proxy = [`--proxy=${plainHost.url}`, '--ignore-host=localhost', '--ignore-host=127.0.0.0/8']
  const browser = start(
    webkit.browser,
    ['--automation', '--javascript-can-open-windows-automatically=true', ...proxy],
    {
      stdio: 'ignore',
      env: {
        ...process.env,
        HOME: home,
        DISPLAY: display.name,
        WEBKIT_DISABLE_COMPOSITING_MODE: '1',
        WEBKIT_INSPECTOR_SERVER: `127.0.0.1:${port}`,
      },
    },
  )
  let lose = (_reason: string) => {}
  const lost = new Promise<string>((resolve) => {
    lose = resolve
  })
  browser.once('exit', (code, signal) => lose(`MiniBrowser has ended (${signal ?? code}).`))
  let driver = await startDriver(webkit.driver, port, STARTS_WITHIN)
  let isReplacing = false
  watchDriver()
  let replaced: Promise<unknown> = Promise.resolve()
  const navigations = new Set<Promise<unknown>>()
  let lastOpened: Promise<unknown> = Promise.resolve()
  let scripts = 0
  /** The handle of each window, by what its page has as `window.name`. */
  const handles = new Map<string, string>()
  let opened = 0

  const processes = () =>
    execFileSync('ps', ['--ppid', String(browser.pid), '-o', 'pid=,comm='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('WebKitWebProces'))
      .map((line) => Number.parseInt(line, 10))

  function watchDriver() {
    driver.program.once('exit', (code, signal) => {
      if (!isReplacing) lose(`WebKitWebDriver has ended (${signal ?? code}).`)
    })
  }

  /**
   * A crash of a window ends the session, but not the browser. Another driver begins a session there, in which windows have
   * other handles. It opens an empty window for itself.
   */
  async function replaceDriver() {
    await end(driver.program)
    driver = await startDriver(webkit.driver, port, REPLACED_WITHIN)
    watchDriver()
    handles.clear()
    const name = async (handle: string) => {
      scripts += 1
      return String(await driver.session.evaluate(handle, 'window.name', scripts))
    }
    const all = await driver.session.windows()
    const names = await Promise.all(all.map(async (handle) => [await name(handle), handle] as const))
    for (const [name, handle] of names)
      if (name === '') await driver.session.close(handle)
      else handles.set(name, handle)
  }

  /** Ends a window by a crash, after the navigations that are under way: a window has no name meanwhile, so it could not be found again. */
  function crash(name: string, pid: number): Promise<void> {
    const crashed = replaced.then(async () => {
      await Promise.allSettled(navigations)
      process.kill(pid, 'SIGKILL')
      handles.delete(name)
      isReplacing = true
      await replaceDriver().catch((error: Error) => {
        lose(`A window has crashed, and MiniBrowser has got no new driver: ${error.message}`)
        throw error
      })
      isReplacing = false
    })
    replaced = crashed.catch(() => {})
    return crashed
  }

  /** Does what leaves a window without its name for a while. */
  async function navigating<T>(act: () => Promise<T>): Promise<T> {
    for (let seen: unknown; seen !== replaced; await seen) seen = replaced
    const navigated = act()
    navigations.add(navigated)
    return navigated.finally(() => navigations.delete(navigated))
  }

  async function openNext(): Promise<Window> {
    opened += 1
    const name = `window ${opened}`
    const nameIt = `void (window.name = '${name}')`
    let pid = 0
    function handle(): string {
      const found = handles.get(name)
      if (found === undefined) throw new Error('The window is gone.')
      return found
    }

    /** What ends the scripts that run in the window. */
    const running = new Set<() => void>()
    function lose() {
      for (const end of running) end()
    }

    /** A script that has lost its driver is asked for again. The document that has begun it does not begin it twice. */
    async function evaluate(expression: string): Promise<unknown> {
      scripts += 1
      const id = scripts
      let end = () => {}
      const lost = new Promise<never>((_, fail) => {
        end = () => fail(new Error('The page went away before the script ended.'))
      })
      running.add(end)
      try {
        for (;;) {
          const { session } = driver
          const seen = replaced
          try {
            return await Promise.race([lost, session.evaluate(handle(), expression, id)])
          } catch (error) {
            await replaced
            if (session === driver.session && seen === replaced) throw error
          }
        }
      } finally {
        running.delete(end)
      }
    }

    /** Resolves once another document has loaded. */
    const navigate = (go: () => Promise<unknown>) =>
      navigating(async () => {
        const last = await evaluate('performance.timeOrigin')
        await go()
        await until('The page', async () => {
          const loaded = `document.readyState === 'complete' && performance.timeOrigin !== ${last}`
          if (!(await evaluate(loaded))) throw new Error('The page still loads.')
        })
        await evaluate(nameIt)
        lose()
      })

    await navigating(async () => {
      const before = processes()
      handles.set(name, await driver.session.open())
      pid = processes().find((id) => !before.includes(id)) ?? 0
      await evaluate(nameIt)
    })
    return {
      pid,
      load: (url) => navigate(() => driver.session.load(handle(), url)),
      reload: () => navigate(() => driver.session.reload(handle())),
      back: () => navigate(() => evaluate('void setTimeout(() => history.back())')),
      evaluate,
      close: () =>
        navigating(async () => {
          await driver.session.close(handle())
          handles.delete(name)
          lose()
        }),
      crash: () => crash(name, pid),
    }
  }

  /** Windows open one after another, so that the process that is new is the window's own. */
  function open(): Promise<Window> {
    const next = lastOpened.then(openNext)
    lastOpened = next.catch(() => {})
    return next
  }

  return {
    version: driver.session.browserVersion,
    lost,
    open,
    async close() {
      await end(driver.program)
      await end(browser)
      await end(display.program)
      plainHost.stop()
      rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
