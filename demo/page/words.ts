/** Numbers and times, as people read them. */

export const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB')

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`
}

/** A span of time: `0.4 s`, `12 s`, `3 min`. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}

/** An age that changes once a second, and not more often. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'just now'
  return seconds < 120 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`

/** What a fetch has brought for a gap. */
export const brought = (count: number, one: string): string =>
  count === 0 ? 'nothing was missed' : `${plural(count, one)} fetched`
