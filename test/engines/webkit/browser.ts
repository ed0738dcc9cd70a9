import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
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
  /** The value of an expression in the window, or what its promise resolves to. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
  /** Ends the window's process as a crash does. The window is gone then. */
  crash(): Promise<void>
}

/** How often to look whether a program has started, in ms. */
const LOOK_EVERY = 20
const STARTS_WITHIN = 20_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function until<T>(what: string, act: () => Promise<T>): Promise<T> {
  const end = Date.now() + STARTS_WITHIN
  for (;;) {
    try {
      return await act()
    } catch (cause) {
      if (Date.now() > end) throw new Error(`${what} did not start within ${STARTS_WITHIN} ms.`, { cause })
      await sleep(LOOK_EVERY)
    }
  }
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
  const program = spawn(path, ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [chosen] = await once(program.stdio[3] as NodeJS.ReadableStream, 'data')
  return { program, name: `:${String(chosen).trim()}` }
}

/** Starts a driver for the browser that listens on a port. */
async function startDriver(path: string, target: number) {
  const port = await freePort()
  const program = spawn(path, [`--port=${port}`, '--host=127.0.0.1', `--target=127.0.0.1:${target}`], {
    stdio: 'ignore',
  })
  const session = await until('WebKitWebDriver', () => createSession(`http://127.0.0.1:${port}`))
  return { program, session }
}

export async function startBrowser(webkit: WebKit): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), 'partyline-webkit-'))
  const display = await startDisplay(webkit.display)
  const port = await freePort()
  const plainHost = await createPlainHost()
  const proxy = [`--proxy=${plainHost.url}`, '--ignore-host=localhost', '--ignore-host=127.0.0.1']
  const browser = spawn(webkit.browser, ['--automation', ...proxy], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOME: home,
      DISPLAY: display.name,
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      WEBKIT_INSPECTOR_SERVER: `127.0.0.1:${port}`,
    },
  })
  let driver = await startDriver(webkit.driver, port)
  /** The handle of each window, by what its page has as `window.name`. */
  const handles = new Map<string, string>()
  let opened = 0

  const processes = () =>
    execFileSync('ps', ['--ppid', String(browser.pid), '-o', 'pid=,comm='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('WebKitWebProces'))
      .map((line) => Number.parseInt(line, 10))

  /**
   * A crash of a window ends the session, but not the browser. Another driver begins a session there, in which windows have
   * other handles. It opens an empty window for itself.
   */
  async function replaceDriver() {
    await end(driver.program)
    driver = await startDriver(webkit.driver, port)
    handles.clear()
    for (const handle of await driver.session.windows()) {
      const name = await driver.session.evaluate(handle, 'window.name')
      if (name === '') await driver.session.close(handle)
      else handles.set(String(name), handle)
    }
  }

  async function open(): Promise<Window> {
    opened += 1
    const name = `window ${opened}`
    const before = processes()
    handles.set(name, await driver.session.open())
    const [pid = 0] = processes().filter((id) => !before.includes(id))
    const handle = () => handles.get(name) ?? ''
    const evaluate = (expression: string) => driver.session.evaluate(handle(), expression)

    /** Resolves once another document has loaded. */
    async function navigate(go: () => Promise<void>) {
      const last = await evaluate('performance.timeOrigin')
      await go()
      await until('The page', async () => {
        const loaded = `document.readyState === 'complete' && performance.timeOrigin !== ${last}`
        if (!(await evaluate(loaded))) throw new Error('The page still loads.')
      })
      await evaluate(`window.name = '${name}'`)
    }

    return {
      pid,
      load: (url) => navigate(() => driver.session.load(handle(), url)),
      reload: () => navigate(() => driver.session.reload(handle())),
      evaluate,
      async close() {
        await driver.session.close(handle())
        handles.delete(name)
      },
      async crash() {
        process.kill(pid, 'SIGKILL')
        handles.delete(name)
        await replaceDriver()
      },
    }
  }

  return {
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
