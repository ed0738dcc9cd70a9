import { clock, duration, some } from '../dom/format'
import type { Mark } from './marks'
import type { Scale } from './scale'
import type { Kind } from './sentences'
import type { Phase, Span } from './spans'

/** Something in the picture that can be pointed at: a span, or marks too near to one another to be told apart. */
interface Item<Kind> {
  /** What stays the same while the picture moves on. */
  readonly key: string
  readonly kind: Kind
  readonly from: number
  readonly to: number
  readonly text: string
}
/** The kinds of marks that are to be seen. */
export type Shown = Exclude<Kind, 'note'>
export type SpanItem = Item<Phase>
export interface MarkItem extends Item<Shown> {
  /** When each of them was. */
  readonly times: readonly number[]
}

export const PHASES: Readonly<Record<Phase, string>> = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  polling: 'Offline, polling the version',
  unauthorized: 'Not authorized',
  paused: 'Paused by hand',
  idle: 'Idle, no tab was left',
}

const MARKS: Readonly<Record<Shown, string>> = {
  start: 'start',
  drop: 'loss',
  retry: 'failed retry',
  poll: 'poll',
  reload: 'reload order',
  gap: 'gap',
  wake: 'wake-up',
}
const PLURALS: Partial<Readonly<Record<Shown, string>>> = { drop: 'losses', retry: 'failed retries' }

/** The width of a mark, in px: those of a kind that are nearer are one. */
const NEAR = 16
/** How many marks of one are told in full. */
const TOLD = 4

export const counted = (value: number, kind: Shown): string => some(value, MARKS[kind], PLURALS[kind])

/** A span in words. */
export function describe({ phase, from, to, why, retries }: Span, now: number): string {
  // What lasts has no length yet: a text that changed every second would be read out every second.
  const end =
    to >= now ? `since ${clock(from)}` : `from ${clock(from)} to ${clock(to)}, ${duration(to - from)}`
  const tries = retries.length > 0 ? `, ${counted(retries.length, 'retry')}` : ''
  // A worker of another version may know more states.
  return `${PHASES[phase] ?? phase} ${end}${tries}${why === undefined ? '' : `: ${why}`}`
}

function together(marks: readonly Mark[], kind: Shown): string {
  const [first, last] = [marks[0], marks.at(-1)]
  if (!first || !last) return ''
  if (first === last) return `${clock(first.at)} ${first.text}`
  const head = `${counted(marks.length, kind)}, ${clock(first.at)} to ${clock(last.at)}`
  if (kind === 'retry') return head
  const texts = [...new Set(marks.map(({ text }) => text))]
  const more = texts.length > TOLD ? `; and ${texts.length - TOLD} more` : ''
  return `${head}: ${texts.slice(0, TOLD).join('; ')}${more}`
}

/** The phases within the picture. */
export const spanItems = (spans: readonly Span[], scale: Scale): SpanItem[] =>
  spans
    .filter(({ to }) => to >= scale.from)
    .map((span) => ({
      key: `${span.phase} ${span.from}`,
      kind: span.phase,
      from: Math.max(span.from, scale.from),
      to: span.to,
      text: describe(span, scale.to),
    }))

/** The marks within the picture. They are put together by slices of time that stay, so that none jumps from one to another. */
export function markItems(marks: readonly Mark[], scale: Scale): MarkItem[] {
  const slice = ((scale.to - scale.from) * NEAR) / scale.width
  const near = new Map<string, { readonly kind: Shown; readonly marks: Mark[] }>()
  for (const mark of marks) {
    const { kind, at } = mark
    if (kind === 'note' || at < scale.from || at > scale.to) continue
    const key = `${kind} ${Math.floor(at / slice)}`
    const known = near.get(key)
    if (known) known.marks.push(mark)
    else near.set(key, { kind, marks: [mark] })
  }
  return [...near].map(([key, { kind, marks: those }]) => ({
    key,
    kind,
    from: those[0]?.at ?? scale.from,
    to: those.at(-1)?.at ?? scale.to,
    times: those.map(({ at }) => at),
    text: together(those, kind),
  }))
}
