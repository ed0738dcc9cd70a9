import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A folder outside the repository, in which an app is installed, built and run with its own tools. */
export interface Workshop {
  readonly folder: string
  /** Runs a command to its end; what it said is in the error when it fails. */
  run(command: readonly string[]): Promise<string>
  /** Starts a server. */
  serve(command: readonly string[]): Served
}

export interface Served {
  /** What it has said so far. */
  said(): string
  /** Resolves once it has said this; rejects if it ends before. */
  hear(words: RegExp): Promise<RegExpExecArray>
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

// Nothing an app started is left behind, however this ends.
process.once('exit', () => running.forEach(end))

export function openWorkshop(folder: string): Workshop {
  function start([program = '', ...args]: readonly string[]): { child: ChildProcess; said(): string } {
    const child = spawn(program, args, {
      cwd: folder,
      env: environment(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      // A group of its own, so that what it starts ends with it.
      detached: process.platform !== 'win32',
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (part) => {
        said += part
      })
    }
    return { child, said: () => said }
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
        const { child, said } = start(command)
        child.once('error', reject)
        child.once('close', (code) => {
          if (code === 0) resolve(said())
          else reject(new Error(`${command.join(' ')} ended with ${code}:\n${said()}`))
        })
      }),
    serve(command) {
      const { child, said } = start(command)
      return {
        said,
        hear: (words) =>
          new Promise((resolve, reject) => {
            const listen = () => {
              const heard = words.exec(said())
              if (heard) resolve(heard)
            }
            child.stdout?.on('data', listen)
            child.once('error', reject)
            child.once('exit', (code) =>
              reject(new Error(`${command.join(' ')} ended with ${code}:\n${said()}`)),
            )
            listen()
          }),
        stop: () => stop(child),
      }
    },
  }
}

/** Copies an app's folder and has npm install it, with the tarball beside its package.json. */
export async function install(
  from: string,
  folder: string,
  tarball: string,
  versions: Readonly<Record<string, string>> = {},
): Promise<Workshop> {
  mkdirSync(folder, { recursive: true })
  cpSync(from, folder, { recursive: true })
  cpSync(tarball, join(folder, 'partyline.tgz'))
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  Object.assign(manifest.devDependencies ?? {}, versions)
  writeFileSync(path, JSON.stringify(manifest))
  const workshop = openWorkshop(folder)
  await workshop.run(['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'])
  return workshop
}
