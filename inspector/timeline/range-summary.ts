import { formatDuration } from '../format'
import { describeCount } from '../history/descriptions'
import type { Mark } from '../history/marks'
import type { Span } from '../history/spans'
import type { Scale } from './scale'

const COUNTED = ['drop', 'gap', 'reload'] as const

/** What went wrong within the chart's time: `Last 5 min: 1 loss, 2 gaps, 34 s down.` */
export function summarizeRange(spans: readonly Span[], marks: readonly Mark[], { from, to }: Scale): string {
  const within = marks.filter(({ at }) => at >= from)
  const counts = COUNTED.flatMap((kind) => {
    const { length } = within.filter((mark) => mark.kind === kind)
    return length > 0 ? [describeCount(length, kind)] : []
  })
  const down = spans
    .filter(({ phase }) => phase === 'offline' || phase === 'polling' || phase === 'unauthorized')
    .reduce((sum, span) => sum + Math.max(0, span.to - Math.max(span.from, from)), 0)
  const parts = [...counts, ...(down > 0 ? [`${formatDuration(down)} down`] : [])]
  const length = formatDuration(to - from).replace(/ 0 (s|min|h)$/, '')
  return `Last ${length}: ${parts.join(', ') || 'nothing went wrong'}.`
}
