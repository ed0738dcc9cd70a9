/** Numbers and times as text for people. */

export const formatTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB')

export const formatNumber = (value: number): string => Math.round(value).toLocaleString('en-US')

export function formatBytes(count: number): string {
  if (count < 1000) return `${count} B`
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`
}

/** `0.4 s`, `12 s`, `3 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}

/** An age in whole seconds, so that the text changes at most once a second. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'just now'
  return seconds < 120 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`
}

export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`

/** The result of fetching a gap's events. */
export const describeFetched = (count: number, one: string): string =>
  count === 0 ? 'nothing was missed' : `${formatCount(count, one)} fetched`
