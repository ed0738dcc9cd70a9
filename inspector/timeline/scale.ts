import { clock, day } from '../dom/format'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How far ticks may be apart. */
const STEPS = [
  ...[5, 10, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7].map((n) => n * DAY),
]

/** How long a picture may be. */
const LENGTHS = [
  ...[1, 2, 3, 5, 7, 10, 15, 20, 30, 45].map((n) => n * MINUTE),
  ...[1, 1.5, 2, 3, 4, 6, 8, 12, 18].map((n) => n * HOUR),
]

/** Room a tick's label takes, in px. */
const LABEL = 84

/** The shortest round length that holds so many ms: it changes seldom while the time goes on. */
export const roundLength = (ms: number): number =>
  LENGTHS.find((length) => length >= ms) ?? Math.ceil(ms / DAY) * DAY

/** From time to place, for a picture that ends now. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly width: number
  x(at: number): number
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
}

export function createScale(length: number, now: number, width: number): Scale {
  const from = now - length
  const most = Math.max(2, Math.floor(width / LABEL))
  const step = STEPS.find((each) => length / each <= most) ?? Math.ceil(length / most / DAY) * DAY
  // Ticks stand at round times of the place, not of Greenwich.
  const shift = new Date(now).getTimezoneOffset() * MINUTE
  const first = Math.ceil((from - shift) / step) * step + shift
  const label = (at: number) => {
    if (step >= DAY) return day(at)
    const time = clock(at, at)
    return step < MINUTE ? time : time.slice(0, 5)
  }
  const ticks = Array.from({ length: Math.max(0, Math.floor((now - first) / step) + 1) }, (_, index) => {
    const at = first + index * step
    return { at, label: label(at) }
  })
  return { from, to: now, width, x: (at) => ((at - from) / length) * width, ticks }
}
