import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** A program in a process of its own, which ends when this process does, by whatever way. */
export interface Guarded {
  /** Resolves when the program has ended, to what it wrote to its error stream. */
  readonly ended: Promise<string>
  /** Ends it without a word (SIGKILL). */
  kill(): Promise<void>
  /** Stops it without closing its connections (SIGSTOP), or lets it go on. */
  freeze(): void
  thaw(): void
}

/**
 * A shell starts the program, says its process id, waits until this process closes its end of the pipe, and kills the program.
 * The program alone has the error stream.
 */
const GUARD =
  'exec 3>&2 2>/dev/null; "$@" >/dev/null 2>&3 3>&- & exec 3>&-; echo $!; cat >/dev/null; kill -9 $!'
/** The end of the error stream that is kept, in characters. */
const KEPT = 4000

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (line) => resolve(String(line)))
    child.once('error', reject)
  })

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

export async function startGuarded({ command, args, cwd, env }: Program): Promise<Guarded> {
  const child = spawn('sh', ['-c', GUARD, 'sh', command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Keys that interrupt this process would end the shell as well, and not the program.
    detached: true,
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-KEPT)
  })
  // The program holds its error stream open until it ends.
  const ended = new Promise<string>((resolve) => child.stderr.once('close', () => resolve(said)))
  void ended.then(() => child.stdin.end())
  const pid = Number(await firstLine(child))
  // This process need not wait for the program.
  child.unref()
  for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as unknown as Socket).unref()
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name)
    } catch {
      // It has ended by itself.
    }
  }
  return {
    ended,
    async kill() {
      signal('SIGKILL')
      child.stdin.end()
      await ended
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
  }
}
