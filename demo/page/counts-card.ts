import type { Line, Snapshot } from 'partyline'
import type { Way } from '../server/counts.ts'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { element, setText } from './dom.ts'
import { formatCount } from './format.ts'
import { createCountList, describeStart, watchCounts } from './server-counts.ts'

/** How many sockets the tabs share, and how many they would have on their own: one each, or one for each of their rooms. */
function describeSharing({ tabs, rooms }: Snapshot, sockets: number): string {
  const count = tabs.filter(({ here }) => here).length
  if (count < 2) return 'One tab so far. Open more: they share its sockets.'
  const own = rooms.filter(({ connection, state }) => connection && state !== 'denied')
  const alone = own.length > 0 ? own.reduce((sum, { wanted }) => sum + wanted, 0) : count
  return `${count} tabs share ${formatCount(sockets, 'socket')}; on their own they would have ${alone}.`
}

/** The server's counts for the way this page is connected, updated once a second. */
export function createCountsCard(way: Way, line: Line<Dashboard> | undefined): HTMLElement {
  const list = createCountList(way)
  const sharing = element('p', { class: 'small', 'data-figure': 'sharing' }, '\u00a0')
  const most = element('p', { class: 'mute small' }, '\u00a0')
  const since = element('p', { class: 'mute small' }, '\u00a0')
  watchCounts((counts) => {
    setText(since, counts ? describeStart(counts) : 'the server does not answer')
    if (!counts) return
    setText(most, `at most ${formatCount(counts[way].most, 'socket')} at once,`)
    list.render(counts)
    void line?.inspect().then(
      (snapshot) => setText(sharing, describeSharing(snapshot, counts[way].sockets)),
      () => {},
    )
  })
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'counts' },
    element('h2', { id: 'counts' }, 'Counted by the server'),
    list.root,
    ...(line ? [sharing] : []),
    most,
    since,
  )
}
