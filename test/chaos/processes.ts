import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** The processes of a browser that this program has started, as Linux shows them. */

export interface ProcessKinds {
  /** Part of the command line of a process that has pages. */
  readonly commandLine: string
  /** The beginnings of the names that the engine gives to its workers' threads. */
  readonly threads: { readonly dedicated: string; readonly shared: string }
}

/** How many workers a page starts to be found. */
const WORKERS = 6
/** Other pages may start or end workers meanwhile. */
const ENOUGH = WORKERS - 2

const START = `Promise.all((window.sought = Array.from({ length: ${WORKERS} }, () => new Worker('data:text/javascript,postMessage(0)')))
  .map((worker) => new Promise((done) => { worker.onmessage = () => done() }))).then(() => 0)`
const END = 'void sought.forEach((worker) => worker.terminate())'

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process or the thread has ended.
    return ''
  }
}

const list = (path: string): string[] => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

export function createProcesses({ commandLine, threads }: ProcessKinds) {
  function withPages(): number[] {
    const children = new Map<number, number[]>()
    for (const name of list('/proc')) {
      const [, parent] = /^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`)) ?? []
      if (parent !== undefined)
        children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)])
    }
    const below = (id: number): number[] =>
      (children.get(id) ?? []).flatMap((child) => [child, ...below(child)])
    return below(process.pid).filter((id) => read(`/proc/${id}/cmdline`).includes(commandLine))
  }

  const count = (id: number, thread: string) =>
    list(`/proc/${id}/task`).filter((task) => read(`/proc/${id}/task/${task}/comm`).startsWith(thread)).length

  let last: Promise<unknown> = Promise.resolve()

  async function search(evaluate: (expression: string) => Promise<unknown>): Promise<number> {
    const before = new Map(withPages().map((id) => [id, count(id, threads.dedicated)]))
    await evaluate(START)
    const found = withPages().filter((id) => count(id, threads.dedicated) - (before.get(id) ?? 0) >= ENOUGH)
    await evaluate(END)
    const [id] = found
    if (id === undefined || found.length > 1) throw new Error(`The page may be in ${found.length} processes.`)
    return id
  }

  return {
    /** Finds the process of a page. Browsers do not tell it, so the page starts workers, and their threads are seen. */
    find(evaluate: (expression: string) => Promise<unknown>): Promise<number> {
      // One after another, or the workers of two pages might be mistaken for each other's.
      const found = last.catch(() => {}).then(() => search(evaluate))
      last = found
      return found
    },
    withSharedWorkers: () => withPages().filter((id) => count(id, threads.shared) > 0),
  }
}

export type Processes = ReturnType<typeof createProcesses>

/** Stops a process for this long. */
export async function freeze(id: number, ms: number): Promise<void> {
  process.kill(id, 'SIGSTOP')
  await wait(ms)
  try {
    process.kill(id, 'SIGCONT')
  } catch {
    // Another fault has ended it meanwhile.
  }
}
