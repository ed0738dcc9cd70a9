import { duration } from '../dom/format'
import { counted } from './items'
import type { Mark } from './marks'
import type { Scale } from './scale'
import type { Span } from './spans'

const TOLD = ['drop', 'gap', 'reload'] as const

/** What went wrong within the picture, in a sentence. */
export function recap(spans: readonly Span[], marks: readonly Mark[], { from, to }: Scale): string {
  const within = marks.filter(({ at }) => at >= from)
  const told = TOLD.flatMap((kind) => {
    const { length } = within.filter((mark) => mark.kind === kind)
    return length > 0 ? [counted(length, kind)] : []
  })
  const down = spans
    .filter(({ phase }) => phase === 'offline' || phase === 'polling' || phase === 'unauthorized')
    .reduce((sum, span) => sum + Math.max(0, span.to - Math.max(span.from, from)), 0)
  const parts = [...told, ...(down > 0 ? [`${duration(down)} down`] : [])]
  return `Last ${duration(to - from).replace(/ 0 (s|min|h)$/, '')}: ${parts.join(', ') || 'nothing went wrong'}.`
}
