// This page has figures to add to only once it has loaded something that is counted.
import 'partyline'

interface FileCoverage {
  s: Record<string, number>
  f: Record<string, number>
  b: Record<string, number[]>
}
export type Coverage = Record<string, FileCoverage>

const here = globalThis as { __VITEST_COVERAGE__?: Coverage }

export const isCovered = (): boolean => here.__VITEST_COVERAGE__ !== undefined

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

/** Asks a worker for its figures; nothing when it is gone already. */
export function workerCoverage(test: string): Promise<Coverage | undefined> {
  const channel = new BroadcastChannel(`coverage ${test}`)
  return new Promise<Coverage | undefined>((resolve) => {
    const timer = setTimeout(resolve, 200)
    channel.onmessage = ({ data }) => {
      clearTimeout(timer)
      resolve(data.coverage)
    }
    channel.postMessage('ask')
  }).finally(() => channel.close())
}
