/** Times, durations and numbers as text for people. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** `14:03:22`; with the day in front if that is not today. */
export function formatTime(at: number, now = Date.now()): string {
  const date = new Date(at)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
  return date.toDateString() === new Date(now).toDateString() ? time : `${formatDay(at)} ${time}`
}

/** `21 Nov`. */
export const formatDay = (at: number): string =>
  new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })

/** `40 ms`, `3.2 s`, `34 s`, `12 min 4 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms)
  if (length < SECOND) return `${Math.round(length)} ms`
  if (length < 10 * SECOND) return `${(Math.floor(length / 100) / 10).toFixed(1)} s`
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min ${Math.floor((length % MINUTE) / SECOND)} s`
  if (length < DAY) return `${Math.floor(length / HOUR)} h ${Math.floor((length % HOUR) / MINUTE)} min`
  return `${Math.floor(length / DAY)} d ${Math.floor((length % DAY) / HOUR)} h`
}

/** A duration in whole seconds, for text that is updated every second. */
export const formatSeconds = (ms: number): string =>
  formatDuration(Math.floor(Math.max(0, ms) / SECOND) * SECOND)
    .replace(/^0 ms$/, '0 s')
    .replace(/\.\d s$/, ' s')

export const formatNumber = (value: number): string => value.toLocaleString('en')

/** `1 gap`, `3 gaps`. */
export const formatCount = (value: number, one: string, many = `${one}s`): string =>
  `${formatNumber(value)} ${value === 1 ? one : many}`

/** The first characters of an id, which are enough to tell ids apart. */
export const shortId = (id: string): string => id.slice(0, 6)

/** The name of the file at an address. */
export const fileOf = (address: string): string => /([^/?#]*)(?:[?#].*)?$/.exec(address)?.[1] || address
