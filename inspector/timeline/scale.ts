import { formatDay, formatTime } from '../format'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The possible distances between ticks. */
const STEPS = [
  ...[5, 10, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7].map((n) => n * DAY),
]

/** The possible lengths of the chart, below a day. */
const LENGTHS = [
  ...[1, 2, 3, 5, 7, 10, 15, 20, 30, 45].map((n) => n * MINUTE),
  ...[1, 1.5, 2, 3, 4, 6, 8, 12, 18].map((n) => n * HOUR),
]

/** The width of a tick's label with the space around it, in px. */
const LABEL_WIDTH = 84

/** The shortest round length of at least `ms`. It is round so that the scale does not change with every update. */
export const roundLength = (ms: number): number =>
  LENGTHS.find((length) => length >= ms) ?? Math.ceil(ms / DAY) * DAY

/** Maps times to x positions in px. The right edge is now. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly width: number
  x(at: number): number
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
}

export function createScale(length: number, now: number, width: number): Scale {
  const from = now - length
  const mostTicks = Math.max(2, Math.floor(width / LABEL_WIDTH))
  const step = STEPS.find((each) => length / each <= mostTicks) ?? Math.ceil(length / mostTicks / DAY) * DAY
  // Ticks are at round local times.
  const offset = new Date(now).getTimezoneOffset() * MINUTE
  const first = Math.ceil((from - offset) / step) * step + offset
  const label = (at: number) => {
    if (step >= DAY) return formatDay(at)
    const time = formatTime(at, at)
    return step < MINUTE ? time : time.slice(0, 5)
  }
  const ticks = Array.from({ length: Math.max(0, Math.floor((now - first) / step) + 1) }, (_, index) => {
    const at = first + index * step
    return { at, label: label(at) }
  })
  return { from, to: now, width, x: (at) => ((at - from) / length) * width, ticks }
}
