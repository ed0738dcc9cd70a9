import type { Census, Count, Way } from '../server/census.ts'
import { element, write } from './dom.ts'
import { bytes, clock, whole } from './words.ts'

/** A server that takes longer counts as one that does not answer. */
const PATIENCE = 3000

/** Asks the server what it has counted; `undefined` while it does not answer. */
export async function readCensus(): Promise<Census | undefined> {
  try {
    const response = await fetch('/api/census', { signal: AbortSignal.timeout(PATIENCE) })
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}

const FIGURES: readonly (readonly [label: string, read: (count: Count) => string])[] = [
  ['Sockets', ({ sockets }) => whole(sockets)],
  ['Handshakes', ({ handshakes }) => whole(handshakes)],
  ['Joins', ({ joins }) => whole(joins)],
  ['Bytes', ({ bytes: count }) => bytes(count)],
]

/** What the server has counted for one way of being connected. */
export function createFigures(way: Way) {
  const values = FIGURES.map(([label]) =>
    element('dd', { 'data-figure': `${way} ${label.toLowerCase()}` }, '–'),
  )
  return {
    root: element(
      'dl',
      { class: 'figures' },
      ...FIGURES.map(([label], index) => element('div', {}, element('dt', {}, label), values[index] ?? '')),
    ),
    render(census: Census) {
      for (const [index, [, read]] of FIGURES.entries()) {
        const into = values[index]
        if (into) write(into, read(census[way]))
      }
    },
  }
}

export const sinceOf = ({ startedAt, version }: Census): string =>
  `counted since it was started at ${clock(startedAt)}, as ${version}`

/** Asks once a second, for as long as the page lives. */
export function watchCensus(seen: (census: Census | undefined) => void): void {
  const look = async () => {
    seen(await readCensus())
    setTimeout(look, 1000)
  }
  void look()
}
