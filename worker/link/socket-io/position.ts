/**
 * Tells positions in a session from payloads.
 *
 * A server with recovery adds its position in the session to each event that it keeps, as the last argument, a text. It adds none to
 * volatile events, and the wire does not say which events are volatile. So a text is judged by what it means. The adapters that
 * can recover make their positions of the server's time:
 *
 * - in memory: ms in base 64, which has seven digits until the year 2109, and a counter within one ms
 * - Redis streams: `ms-counter`
 * - MongoDB: an ObjectId, whose first eight digits are seconds
 *
 * A text is a position if it has the form that this session's positions have, and its time fits the last one and the time that has passed.
 * Times need not grow: several nodes make positions at once, and clocks are set.
 *
 * A text that stands alone may be the payload, which must not be lost. So its time must fit within a minute; if it is the first, it must
 * be of today. A text behind a payload is not the payload, so its time must fit within a day, and while the form is not known, any text there
 * counts as a position. It stays unknown with an adapter of another kind, and until the second position where the clock of this
 * machine is wrong.
 *
 * A wrong position costs a recovery: no server knows it, so the server begins a new session, and a gap is told. What is
 * left is a volatile text that stands alone and is an id in the very form of the adapter, made within the last minute: that is lost.
 */
export interface PositionReader {
  /** The position that an event's arguments end with, if they do. */
  read(args: readonly unknown[]): string | undefined
}

interface Mark {
  readonly text: string
  readonly form: string
  /** The server's clock. */
  readonly time: number
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
const base64 = (text: string) => [...text].reduce((sum, sign) => sum * 64 + DIGITS.indexOf(sign), 0)

const FORMS: readonly (readonly [form: string, pattern: RegExp, time: (part: string) => number])[] = [
  ['memory', /^([\w-]{7})(\.[\w-]+)?$/, base64],
  ['redis', /^(\d{13})-\d+$/, Number],
  ['mongo', /^([\da-f]{8})[\da-f]{16}$/, (part) => Number.parseInt(part, 16) * 1000],
]

function markIn(text: string): Mark | undefined {
  for (const [form, pattern, time] of FORMS) {
    const part = pattern.exec(text)?.[1]
    if (part !== undefined) return { text, form, time: time(part) }
  }
  return undefined
}

/** Reads the positions of one session. */
export function createPositionReader(): PositionReader {
  let last: Mark | undefined
  /** Whether the form of the last position is known to be that of the session. */
  let isKnown = false
  /** A time of the server's clock, and when that was by both clocks of this machine: one stands still in sleep, the other may be set. */
  let clock = { time: 0, at: 0, ticks: 0 }

  function serverNow(): number {
    const passed = performance.now() - clock.ticks
    return clock.time + Math.max(passed, Math.min(Date.now() - clock.at, passed + DAY))
  }

  const isToday = ({ time }: Mark) => Math.abs(time - Date.now()) < DAY

  /** Whether it may come after the last position. */
  function follows({ text, form, time }: Mark, slack: number): boolean {
    if (!last || form !== last.form || text === last.text) return false
    return time >= last.time - slack && time <= serverNow() + slack
  }

  function isPosition(mark: Mark | undefined, isAlone: boolean): boolean {
    if (isAlone) return mark !== undefined && (isKnown ? follows(mark, MINUTE) : isToday(mark))
    if (!isKnown) return true
    return mark !== undefined && (follows(mark, DAY) || (mark.form === last?.form && isToday(mark)))
  }

  function learn(mark: Mark) {
    const isFirst = !isKnown
    // Where this machine's clock is wrong, two positions that fit each other make the form known.
    isKnown ||= isToday(mark) || follows(mark, MINUTE)
    last = mark
    // What was missed in an outage is older than the server's clock.
    if (isFirst || mark.time > serverNow()) {
      clock = { time: mark.time, at: Date.now(), ticks: performance.now() }
    }
  }

  return {
    read(args) {
      const text = args.at(-1)
      if (typeof text !== 'string') return undefined
      const mark = markIn(text)
      if (!isPosition(mark, args.length === 1)) return undefined
      if (mark) learn(mark)
      return text
    },
  }
}
