import { readdirSync, readFileSync } from 'node:fs'

/** Reads the resources that a process and its child processes use from /proc. This works only on Linux. */

/** The kernel counts processor time in ticks of this many ms. */
const TICK = 10

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process has ended.
    return ''
  }
}

/** The fields of /proc/…/stat after the process name, which may contain any character. */
const fields = (pid: number) => {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

export function processTree(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const parent = Number(fields(pid)[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/** The processor time in ms of all processes that still run. */
export const processorTime = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const [user = 0, system = 0] = fields(pid).slice(11, 13).map(Number)
    return sum + (user + system) * TICK
  }, 0)

/** The processor time in ms of each process that runs pages and workers. */
export const rendererTimes = (pids: readonly number[]): ReadonlyMap<number, number> =>
  new Map(
    pids
      .filter((pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'))
      .map((pid) => [pid, processorTime([pid])]),
  )

/** The memory in bytes. Shared memory counts once. */
export const memory = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const [, kilobytes = '0'] = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? []
    return sum + Number(kilobytes) * 1024
  }, 0)
