import type { Snapshot } from '../src'
import { createCounters } from './counters'
import { element } from './dom'
import { createFacts } from './facts'
import { createLog } from './log'
import { marksOf } from './marks'
import { createPicture } from './picture'
import { createRanges } from './ranges'
import { createRooms } from './rooms'
import { spansOf } from './spans'
import { createSummary } from './summary'
import { createTabs } from './tabs'
import type { Witness } from './witness'

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
