import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A folder outside the repository, in which an app is installed, built and run with its own tools. */
export interface AppFolder {
  readonly folder: string
  /** Runs a command until it exits, and returns its output. If it fails, the error contains the output. */
  run(command: readonly string[]): Promise<string>
  /** Starts a server. */
  serve(command: readonly string[]): Served
}

export interface Served {
  /** Its output so far. */
  output(): string
  /** Resolves once the output matches; rejects if the process ends before that. */
  waitForOutput(words: RegExp): Promise<RegExpExecArray>
  stop(): Promise<void>
}

function environment(folder: string): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...rest } = process.env
  return {
    ...rest,
    PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
    NO_COLOR: '1',
    npm_config_yes: 'true',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

const running = new Set<ChildProcess>()

function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  if (process.platform === 'win32') child.kill()
  else process.kill(-child.pid, 'SIGTERM')
}

// Ends every process that an app started, even if the run fails.
process.once('exit', () => running.forEach(end))

export function openAppFolder(folder: string): AppFolder {
  function start([program = '', ...args]: readonly string[]): { child: ChildProcess; output(): string } {
    const child = spawn(program, args, {
      cwd: folder,
      env: environment(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      // In its own process group, so that its child processes end with it.
      detached: process.platform !== 'win32',
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (part) => {
        text += part
      })
    }
    return { child, output: () => text }
  }

  async function stop(child: ChildProcess) {
    if (!running.has(child)) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    end(child)
    await gone
  }

  return {
    folder,
    run: (command) =>
      new Promise((resolve, reject) => {
        const { child, output } = start(command)
        child.once('error', reject)
        child.once('close', (code) => {
          if (code === 0) resolve(output())
          else reject(new Error(`${command.join(' ')} ended with ${code}:\n${output()}`))
        })
      }),
    serve(command) {
      const { child, output } = start(command)
      return {
        output,
        waitForOutput: (words) =>
          new Promise((resolve, reject) => {
            const listen = () => {
              const match = words.exec(output())
              if (match) resolve(match)
            }
            child.stdout?.on('data', listen)
            child.once('error', reject)
            child.once('exit', (code) =>
              reject(new Error(`${command.join(' ')} ended with ${code}:\n${output()}`)),
            )
            listen()
          }),
        stop: () => stop(child),
      }
    },
  }
}

/** Copies an app's folder, puts the tarball beside its package.json, and runs `npm install`. */
export async function install(
  from: string,
  folder: string,
  tarball: string,
  versions: Readonly<Record<string, string>> = {},
): Promise<AppFolder> {
  mkdirSync(folder, { recursive: true })
  cpSync(from, folder, { recursive: true })
  cpSync(tarball, join(folder, 'partyline.tgz'))
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  Object.assign(manifest.devDependencies ?? {}, versions)
  writeFileSync(path, JSON.stringify(manifest))
  const app = openAppFolder(folder)
  await app.run(['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'])
  return app
}
