// This page has figures to add to only once it has loaded something that is counted.
import 'partyline'
import type { Coverage } from './counters'

const here = globalThis as { __VITEST_COVERAGE__?: Coverage }

export const isCovered = (): boolean => here.__VITEST_COVERAGE__ !== undefined

/** The files whose maps this page has, so that others need to send only their counts. */
export const knownFiles = (): string[] => Object.keys(here.__VITEST_COVERAGE__ ?? {})

/** Adds what another page or a worker has run to this page's own figures. */
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

/** Adds what a test's workers have run. Each living one holds a shared lock; one that hangs is not waited for. */
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
