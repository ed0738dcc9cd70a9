import type { Snapshot } from '../../shared/snapshot'
import { element } from '../dom/elements'
import type { History } from '../history/history'
import { marksOf } from '../history/marks'
import { spansOf } from '../history/spans'
import { createChart } from './chart'
import { createLog } from './log'
import { createRangePicker } from './range-picker'

/** The history of the connection: a chart, the same as text, and the choice of how much to show. */
export function createTimeline() {
  const range = createRangePicker(() => last && update(...last))
  const chart = createChart()
  const log = createLog()
  let last: Parameters<typeof update> | undefined

  function update(...data: [snapshot: Snapshot, history: History, now: number]) {
    last = data
    const [snapshot, history, now] = data
    const spans = spansOf(snapshot, history.polls, now)
    const marks = marksOf(snapshot, history)
    chart.update({ spans, marks, length: range.length(snapshot.startedAt, now), now })
    log.update({ spans, marks, now })
  }

  const bar = element('div', { class: 'bar' }, element('h3', {}, 'Timeline'), range.root)
  return {
    root: element('div', { class: 'history' }, bar, chart.root, log.root),
    update,
    start: chart.start,
    stop: chart.stop,
  }
}
