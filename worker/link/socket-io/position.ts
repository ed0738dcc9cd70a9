/**
 * Tells positions in a session from payloads.
 *
 * A server with connection state recovery adds its position in the session to each event that it stores, as the last argument, a
 * string. It adds none to volatile events, and the wire does not say which events are volatile. So a string is judged by its
 * form and its time. The adapters that can recover make positions from the server's clock:
 *
 * - in memory: ms in base 64, which has seven digits until the year 2109, and a counter within one ms
 * - Redis streams: `ms-counter`
 * - MongoDB: an ObjectId, whose first eight digits are seconds
 *
 * A string is a position if it has the form of this session's positions, and its time fits the last one and the time that has
 * passed. Times need not grow: several nodes make positions at once, and clocks are set.
 *
 * - A string that is the only argument may be the payload, which must not be lost. So its time must fit within a minute; if it
 *   is the first of the session, it must be of today.
 * - A string after a payload is not the payload, so its time must fit within a day. While the form is not known, any string
 *   there counts as a position. The form stays unknown with another adapter, and until the second position where the clock of
 *   this machine is wrong.
 *
 * A wrong position costs a recovery: no server knows it, so the server begins a new session, and a gap is reported. One case is
 * lost: a volatile event with only a string, which is an id in the very form of the adapter, made within the last minute.
 */
export interface PositionReader {
  /** Returns the position at the end of an event's arguments, if there is one. */
  read(args: readonly unknown[]): string | undefined
}

interface Mark {
  readonly text: string
  readonly form: RegExp
  /** By the server's clock. */
  readonly time: number
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
const base64 = (text: string) => [...text].reduce((sum, sign) => sum * 64 + DIGITS.indexOf(sign), 0)

const FORMS: readonly (readonly [form: RegExp, time: (part: string) => number])[] = [
  // In memory
  [/^([\w-]{7})(\.[\w-]+)?$/, base64],
  // Redis streams
  [/^(\d{13})-\d+$/, Number],
  // MongoDB
  [/^([\da-f]{8})[\da-f]{16}$/, (part) => Number.parseInt(part, 16) * 1000],
]

function markIn(text: string): Mark | undefined {
  for (const [form, time] of FORMS) {
    const part = form.exec(text)?.[1]
    if (part !== undefined) return { text, form, time: time(part) }
  }
  return undefined
}

/** Reads the positions of one session. */
export function createPositionReader(): PositionReader {
  let last: Mark | undefined
  /** Whether the form of the last position is known to be that of the session. */
  let isKnown = false
  /** A time of the server's clock, and the same moment by both clocks of this machine: `ticks` may stand still in sleep, `at` may be set. */
  let clock = { time: 0, at: 0, ticks: 0 }

  function serverNow(): number {
    const passed = performance.now() - clock.ticks
    return clock.time + Math.max(passed, Math.min(Date.now() - clock.at, passed + DAY))
  }

  const isToday = ({ time }: Mark) => Math.abs(time - Date.now()) < DAY

  /** Whether a position may come after the last one. */
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
    // Events missed in an outage have older positions.
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
