import { formatTime } from '../format'
import { type ChartMarkKind, describeCount, describeSpan } from '../history/descriptions'
import type { Mark } from '../history/marks'
import type { Phase, Span } from '../history/spans'
import type { Scale } from './scale'

/** Something in the chart that can be pointed at: a span, or a cluster of marks that are too close to each other. */
interface Item<Kind> {
  /** Identifies the item from one update to the next. */
  readonly key: string
  readonly kind: Kind
  readonly from: number
  readonly to: number
  readonly text: string
}
export type SpanItem = Item<Phase>
export interface MarkItem extends Item<ChartMarkKind> {
  /** The time of each mark. */
  readonly times: readonly number[]
}

/** Marks of one kind that are closer than this are drawn as one, in px: the width of a mark. */
const CLUSTER_WIDTH = 16
/** How many marks of a cluster are described. */
const DESCRIBED = 4

function describeCluster(marks: readonly Mark[], kind: ChartMarkKind): string {
  const [first, last] = [marks[0], marks.at(-1)]
  if (!first || !last) return ''
  if (first === last) return `${formatTime(first.at)} ${first.text}`
  const head = `${describeCount(marks.length, kind)}, ${formatTime(first.at)} to ${formatTime(last.at)}`
  if (kind === 'retry') return head
  const texts = [...new Set(marks.map(({ text }) => text))]
  const more = texts.length > DESCRIBED ? `; and ${texts.length - DESCRIBED} more` : ''
  return `${head}: ${texts.slice(0, DESCRIBED).join('; ')}${more}`
}

/** The spans within the chart's time. */
export const spanItems = (spans: readonly Span[], scale: Scale): SpanItem[] =>
  spans
    .filter(({ to }) => to >= scale.from)
    .map((span) => ({
      key: `${span.phase} ${span.from}`,
      kind: span.phase,
      from: Math.max(span.from, scale.from),
      to: span.to,
      text: describeSpan(span, scale.to),
    }))

/** The marks within the chart's time, clustered by fixed slices of time, so that a mark stays in its cluster as time passes. */
export function markItems(marks: readonly Mark[], scale: Scale): MarkItem[] {
  const slice = ((scale.to - scale.from) * CLUSTER_WIDTH) / scale.width
  const clusters = new Map<string, { readonly kind: ChartMarkKind; readonly marks: Mark[] }>()
  for (const mark of marks) {
    const { kind, at } = mark
    if (kind === 'note' || at < scale.from || at > scale.to) continue
    const key = `${kind} ${Math.floor(at / slice)}`
    const cluster = clusters.get(key)
    if (cluster) cluster.marks.push(mark)
    else clusters.set(key, { kind, marks: [mark] })
  }
  return [...clusters].map(([key, { kind, marks: members }]) => ({
    key,
    kind,
    from: members[0]?.at ?? scale.from,
    to: members.at(-1)?.at ?? scale.to,
    times: members.map(({ at }) => at),
    text: describeCluster(members, kind),
  }))
}
