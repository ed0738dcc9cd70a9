// This page has counters only after it has loaded a file that is instrumented.
import 'partyline'
import type { Coverage } from './counters'

const here = globalThis as { __VITEST_COVERAGE__?: Coverage }

export const isCovered = (): boolean => here.__VITEST_COVERAGE__ !== undefined

/** The files whose maps this page has: others send only the counts for these. */
export const knownFiles = (): string[] => Object.keys(here.__VITEST_COVERAGE__ ?? {})

/** Adds the counts of another page or worker to this page's counts. */
export function addCoverage(coverage: Coverage | undefined): void {
  const own = here.__VITEST_COVERAGE__
  if (!own || !coverage) return
  for (const [path, file] of Object.entries(coverage)) {
    const known = own[path]
    if (!known) {
      own[path] = file
      continue
    }
    for (const kind of ['s', 'f'] as const) {
      for (const [key, count] of Object.entries(file[kind]))
        known[kind][key] = (known[kind][key] ?? 0) + count
    }
    for (const [key, counts] of Object.entries(file.b)) {
      known.b[key] = counts.map((count, index) => count + (known.b[key]?.[index] ?? 0))
    }
  }
}

/** Adds the counts of a test's workers. Each running worker holds a shared lock; one that hangs is skipped after 200 ms. */
export async function addWorkerCoverage(test: string): Promise<void> {
  const name = `coverage ${test}`
  const { held = [] } = await navigator.locks.query()
  let unanswered = held.filter((lock) => lock.name === name).length
  if (unanswered === 0) return
  const channel = new BroadcastChannel(name)
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 200)
    channel.onmessage = ({ data }) => {
      addCoverage(JSON.parse(data))
      unanswered -= 1
      if (unanswered > 0) return
      clearTimeout(timer)
      resolve()
    }
    channel.postMessage(knownFiles())
  })
  channel.close()
}
