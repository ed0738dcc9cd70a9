import type { Snapshot } from '../src'
import { element } from './dom/elements'
import { createCounters } from './figures/counters'
import { createRooms } from './figures/rooms'
import { createSummary } from './figures/summary'
import { createTabs } from './figures/tabs'
import { createWorkerDetails } from './figures/worker-details'
import type { History } from './history/history'
import { createTimeline } from './timeline/timeline'

/** Everything below the headline: the content of a snapshot. */
export function createBody() {
  const summary = createSummary()
  const timeline = createTimeline()
  const tabs = createTabs()
  const rooms = createRooms()
  const counters = createCounters()
  const details = createWorkerDetails()

  return {
    root: element(
      'div',
      {},
      summary.root,
      timeline.root,
      element('div', { class: 'lists' }, tabs.root, rooms.root),
      counters.root,
      details.root,
    ),
    update(snapshot: Snapshot, history: History, now: number) {
      summary.update(snapshot, now)
      timeline.update(snapshot, history, now)
      tabs.update(snapshot)
      rooms.update(snapshot, now)
      counters.update(snapshot, now)
      details.update(snapshot, now)
    },
    start: timeline.start,
    stop: timeline.stop,
  }
}
