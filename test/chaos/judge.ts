/** One entry of a page's record: an event or a gap, in the order its listeners received them. */
export type Entry =
  | {
      readonly panel: unknown
      readonly room: string
      readonly data: { readonly n: number } | string
      readonly at: number
      readonly replayed: boolean
    }
  | { readonly rooms: readonly string[]; readonly from: number; readonly to: number; readonly cause: string }
  /** The page subscribed to a panel again: what it received from that panel before does not count. */
  | { readonly opens: unknown }
  /** The user signed out: what the tab received before does not count. */
  | { readonly signedOut: true }

/** The payload of the room's volatile events, which have no number: they may be lost, but not changed. */
export const VOLATILE = 'degraded'

/** When the server sent each event of a room: `sent.get(room)[n]`. */
export type Sent = ReadonlyMap<string, readonly number[]>

export interface Verdict {
  readonly events: number
  readonly gaps: number
  /** Missing events that a gap announced. */
  readonly announced: number
  /** Missing events that no gap announced. */
  readonly losses: readonly string[]
  readonly duplicates: readonly string[]
  readonly disorders: readonly string[]
  /** Events whose payload is not what the server sent. */
  readonly changed: readonly string[]
}

/**
 * Checks a tab's record. From the first event that a panel received of a room on, it must have every event of that room,
 * once and in order. Where events are missing, a gap must have been reported before the next event, and its time must
 * last until the last of them. `setBack` is how far the browser's clock was set back in total, in ms: the clocks of two workers may
 * differ by this much.
 */
export function judge(tab: string, record: readonly Entry[], sent: Sent, setBack: number): Verdict {
  const seen = new Map<string, { last: number; readonly all: Set<number> }>()
  const gaps: Extract<Entry, { cause: string }>[] = []
  const losses: string[] = []
  const duplicates: string[] = []
  const disorders: string[] = []
  const changed: string[] = []
  let events = 0
  let announced = 0
  for (const entry of record) {
    if ('cause' in entry) {
      gaps.push(entry)
      continue
    }
    if ('opens' in entry) {
      const panel = JSON.stringify(entry.opens)
      for (const key of seen.keys()) if (key.startsWith(`${panel} `)) seen.delete(key)
      continue
    }
    if ('signedOut' in entry) {
      seen.clear()
      continue
    }
    events += 1
    const { room, at, data } = entry
    if (typeof data !== 'object' || typeof data?.n !== 'number') {
      if (data !== VOLATILE) changed.push(`tab ${tab}, ${room}: ${JSON.stringify(data)}`)
      continue
    }
    const { n } = data
    const key = `${JSON.stringify(entry.panel)} ${room}`
    const before = seen.get(key)
    if (!before) {
      seen.set(key, { last: n, all: new Set([n]) })
      continue
    }
    const { last } = before
    const what = `tab ${tab}, ${key}: ${last}, then ${n}`
    // A page that was reloaded receives the last value again, marked as replayed.
    if (entry.replayed && n === last) continue
    if (before.all.has(n)) {
      duplicates.push(what)
      continue
    }
    before.all.add(n)
    before.last = n
    if (n < last) {
      disorders.push(what)
    } else if (n > last + 1) {
      const lastSentAt = sent.get(room)?.[n - 1] ?? 0
      const isAnnounced = gaps.some(
        (gap) => gap.rooms.includes(room) && gap.from <= at + setBack && gap.to >= lastSentAt - setBack,
      )
      if (isAnnounced) announced += n - last - 1
      else losses.push(what)
    }
  }
  return { events, gaps: gaps.length, announced, losses, duplicates, disorders, changed }
}
