// This page has counters only after it has loaded a file that is instrumented.
import 'partyline'
import type { Coverage, FileCoverage } from './counters'

const here = globalThis as { __VITEST_COVERAGE__?: Coverage }

export const isCovered = (): boolean => here.__VITEST_COVERAGE__ !== undefined

/** Tests may put another function in its place. */
const fetchMap = window.fetch.bind(window)

/** The counts of files that this page has not loaded. */
const others: [path: string, counts: FileCoverage][] = []

function addCounts(to: FileCoverage, { s, f, b }: FileCoverage) {
  for (const [key, count] of Object.entries(s)) to.s[key] = (to.s[key] ?? 0) + count
  for (const [key, count] of Object.entries(f)) to.f[key] = (to.f[key] ?? 0) + count
  for (const [key, counts] of Object.entries(b))
    to.b[key] = counts.map((count, index) => count + (to.b[key]?.[index] ?? 0))
}

/** Adds the counts of another page or worker to this page's counts. */
export function addCoverage(coverage: Coverage | undefined): void {
  const own = here.__VITEST_COVERAGE__
  if (!own || !coverage) return
  for (const [path, counts] of Object.entries(coverage)) {
    const known = own[path]
    if (known) addCounts(known, counts)
    else others.push([path, counts])
  }
}

/** Adds the counts of files that this page has not loaded. Only the server knows what their counters count. */
export async function addOthers(): Promise<void> {
  const own = here.__VITEST_COVERAGE__ ?? {}
  for (const [path, counts] of others.splice(0)) {
    own[path] ??= await (await fetchMap(`/coverage-map?${encodeURIComponent(path)}`)).json()
    addCounts(own[path] as FileCoverage, counts)
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
    channel.postMessage('read')
  })
  channel.close()
}
