/** What Istanbul counted in each file of a page or worker: statements, functions and branches. */

interface FileCoverage {
  s: Record<string, number>
  f: Record<string, number>
  b: Record<string, number[]>
}
export type Coverage = Record<string, FileCoverage>

/**
 * Returns the coverage of the page or worker it runs in, as JSON. For files that the receiver already knows it returns only
 * the counts, because the maps are many times larger. Pages receive this function as text: it sees only its arguments.
 */
export function readCoverage(known: readonly string[]): string {
  const { __VITEST_COVERAGE__: all = {} } = globalThis as { __VITEST_COVERAGE__?: Coverage }
  const files = Object.entries(all).map(([path, file]) => {
    const { s, f, b } = file
    return [path, known.includes(path) ? { s, f, b } : file]
  })
  return JSON.stringify(Object.fromEntries(files))
}
