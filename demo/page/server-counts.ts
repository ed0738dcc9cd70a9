import type { ServerCounts, Way, WayCounts } from '../server/counts.ts'
import { KIND } from './address.ts'
import { element, setText } from './dom.ts'
import { formatBytes, formatNumber, formatTime } from './format.ts'

/** How long the server may take to answer, in ms. */
const TIMEOUT = 3000

/** Reads the server's counts; `undefined` if it does not answer. */
export async function readCounts(): Promise<ServerCounts | undefined> {
  try {
    const response = await fetch(`/api/counts?kind=${KIND}`, { signal: AbortSignal.timeout(TIMEOUT) })
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}

const ROWS: readonly (readonly [label: string, read: (count: WayCounts) => string])[] = [
  ['Sockets', ({ sockets }) => formatNumber(sockets)],
  ['Handshakes', ({ handshakes }) => formatNumber(handshakes)],
  ['Joins', ({ joins }) => formatNumber(joins)],
  ['Bytes', ({ bytes: count }) => formatBytes(count)],
]

/** The server's counts for one way to be connected. */
export function createCountList(way: Way) {
  const values = ROWS.map(([label]) => element('dd', { 'data-figure': `${way} ${label.toLowerCase()}` }, '–'))
  return {
    root: element(
      'dl',
      { class: 'figures' },
      ...ROWS.map(([label], index) => element('div', {}, element('dt', {}, label), values[index] ?? '')),
    ),
    render(counts: ServerCounts) {
      for (const [index, [, read]] of ROWS.entries()) {
        const into = values[index]
        if (into) setText(into, read(counts[way]))
      }
    },
  }
}

export const describeStart = ({ startedAt, version }: ServerCounts): string =>
  `since it started at ${formatTime(startedAt)}, version ${version}`

/** Reads the counts once a second, as long as the page is open. */
export function watchCounts(onCounts: (counts: ServerCounts | undefined) => void): void {
  const poll = async () => {
    onCounts(await readCounts())
    setTimeout(poll, 1000)
  }
  void poll()
}
