/** What Istanbul counted in each file of a page or worker: statements, functions and branches. */

export interface FileCoverage {
  s: Record<string, number>
  f: Record<string, number>
  b: Record<string, number[]>
}
export type Coverage = Record<string, FileCoverage>

/** Returns the counts of the page or worker it runs in, as JSON. Pages receive this function as text: it sees only its own names. */
export function readCoverage(): string {
  const { __VITEST_COVERAGE__: all = {} } = globalThis as { __VITEST_COVERAGE__?: Coverage }
  return JSON.stringify(
    Object.fromEntries(Object.entries(all).map(([path, { s, f, b }]) => [path, { s, f, b }])),
  )
}
