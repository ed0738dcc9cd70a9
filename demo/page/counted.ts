import type { Way } from '../server/census.ts'
import { createFigures, sinceOf, watchCensus } from './census.ts'
import { element, write } from './dom.ts'

/** What the server has counted for the way this page is connected, kept fresh. */
export function createCounted(way: Way): HTMLElement {
  const figures = createFigures(way)
  const since = element('p', { class: 'mute small' }, '\u00a0')
  watchCensus((census) => {
    write(since, census ? sinceOf(census) : 'the server does not answer')
    if (census) figures.render(census)
  })
  return element(
    'section',
    { class: 'card counted', 'aria-labelledby': 'counted' },
    element('h2', { id: 'counted' }, 'The server’s own count'),
    figures.root,
    since,
  )
}
