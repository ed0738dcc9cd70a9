/** Times, durations and counts, as a reader has them. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const two = (value: number) => String(value).padStart(2, '0')

/** `14:03:22`; with the day where it is not today. */
export function clock(at: number, now = Date.now()): string {
  const date = new Date(at)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return date.toDateString() === new Date(now).toDateString() ? time : `${day(at)} ${time}`
}

/** `21 Nov`. */
export const day = (at: number): string =>
  new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })

/** `40 ms`, `3.2 s`, `34 s`, `12 min 4 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const long = Math.max(0, ms)
  if (long < SECOND) return `${Math.round(long)} ms`
  if (long < 10 * SECOND) return `${(Math.floor(long / 100) / 10).toFixed(1)} s`
  if (long < MINUTE) return `${Math.floor(long / SECOND)} s`
  if (long < HOUR) return `${Math.floor(long / MINUTE)} min ${Math.floor((long % MINUTE) / SECOND)} s`
  if (long < DAY) return `${Math.floor(long / HOUR)} h ${Math.floor((long % HOUR) / MINUTE)} min`
  return `${Math.floor(long / DAY)} d ${Math.floor((long % DAY) / HOUR)} h`
}

/** What counts by the second shows whole ones, so that it does not flicker. */
export const age = (ms: number): string =>
  duration(Math.floor(Math.max(0, ms) / SECOND) * SECOND)
    .replace(/^0 ms$/, '0 s')
    .replace(/\.\d s$/, ' s')

export const count = (value: number): string => value.toLocaleString('en')

/** `1 gap`, `3 gaps`. */
export const some = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** Ids are long, and their beginnings tell them apart. */
export const brief = (id: string): string => id.slice(0, 6)
