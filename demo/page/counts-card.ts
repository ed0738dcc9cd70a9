import type { Way } from '../server/counts.ts'
import { element, setText } from './dom.ts'
import { formatCount } from './format.ts'
import { createCountList, describeStart, watchCounts } from './server-counts.ts'

/** The server's counts for the way this page is connected, updated once a second. */
export function createCountsCard(way: Way): HTMLElement {
  const list = createCountList(way)
  const most = element('p', { class: 'mute small' }, '\u00a0')
  const since = element('p', { class: 'mute small' }, '\u00a0')
  watchCounts((counts) => {
    setText(since, counts ? describeStart(counts) : 'the server does not answer')
    if (!counts) return
    setText(most, `at most ${formatCount(counts[way].most, 'socket')} at once,`)
    list.render(counts)
  })
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'counts' },
    element('h2', { id: 'counts' }, 'Counted by the server'),
    list.root,
    most,
    since,
  )
}
