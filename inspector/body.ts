import type { Snapshot } from '../src'
import { element } from './dom/dom'
import { createCounters } from './figures/counters'
import { createFacts } from './figures/facts'
import { createRooms } from './figures/rooms'
import { createSummary } from './figures/summary'
import { createTabs } from './figures/tabs'
import type { Witness } from './timeline/history'
import { createLog } from './timeline/log'
import { marksOf } from './timeline/marks'
import { createPicture } from './timeline/picture'
import { createRanges } from './timeline/ranges'
import { spansOf } from './timeline/spans'

/** Everything below the headline: what a snapshot has to tell. */
export interface Panel {
  readonly root: HTMLElement
  update(snapshot: Snapshot, witness: Witness, now: number): void
  start(): void
  stop(): void
}

export function createPanel(): Panel {
  const summary = createSummary()
  const ranges = createRanges(() => last && drawTimeline(...last))
  const picture = createPicture()
  const log = createLog()
  const tabs = createTabs()
  const rooms = createRooms()
  const counters = createCounters()
  const facts = createFacts()
  let last: Parameters<Panel['update']> | undefined

  function drawTimeline(snapshot: Snapshot, witness: Witness, now: number) {
    const spans = spansOf(snapshot, witness.polls, now)
    const marks = marksOf(snapshot, witness)
    picture.update({ spans, marks, length: ranges.length(snapshot.startedAt, now), now })
    log.update({ spans, marks, now })
  }

  const bar = element('div', { class: 'bar' }, element('h3', {}, 'Timeline'), ranges.root)
  return {
    root: element(
      'div',
      { class: 'panel' },
      summary.root,
      element('div', { class: 'history' }, bar, picture.root, log.root),
      element('div', { class: 'lists' }, tabs.root, rooms.root),
      counters.root,
      facts.root,
    ),
    update(...news) {
      last = news
      const [snapshot, , now] = news
      summary.update(snapshot, now)
      drawTimeline(...news)
      tabs.update(snapshot)
      rooms.update(snapshot)
      counters.update(snapshot, now)
      facts.update(snapshot, now)
    },
    start: picture.start,
    stop: picture.stop,
  }
}
