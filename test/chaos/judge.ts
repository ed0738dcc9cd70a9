/** What a page wrote down: events and gaps in the order its listeners got them. */
export type Entry =
  | {
      readonly panel: unknown
      readonly room: string
      readonly data: { readonly n: number } | string
      readonly at: number
      readonly replayed: boolean
    }
  | { readonly rooms: readonly string[]; readonly from: number; readonly to: number; readonly cause: string }
  /** The page subscribed to a panel anew: what it had of it before does not count. */
  | { readonly opens: unknown }
  /** The user signed out: what the tab had before does not count. */
  | { readonly signedOut: true }

/** What the server sends of a room beside its numbered events: it may be lost, but never changed. */
export const VOLATILE = 'degraded'

/** When the server sent each event of a room: `sent.get(room)[n]`. */
export type Sent = ReadonlyMap<string, readonly number[]>

export interface Verdict {
  readonly events: number
  readonly gaps: number
  /** Events that are missing, as a gap said. */
  readonly announced: number
  /** Events that are missing, and nothing was said. */
  readonly losses: readonly string[]
  readonly duplicates: readonly string[]
  readonly disorders: readonly string[]
  /** Events whose payload is not what the server sent. */
  readonly changed: readonly string[]
}

/**
 * The yardstick: each panel's record of a room is the server's from the first event it had on, each once and in order,
 * and every hole in it was announced, before the next event, by a gap whose time touches the hole's. `setBack` is how far
 * the browser's clock was set back in all, in ms: by so much the times of two workers may differ.
 */
export function judge(tab: string, record: readonly Entry[], sent: Sent, setBack: number): Verdict {
  const had = new Map<string, { last: number; readonly all: Set<number> }>()
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
      for (const key of had.keys()) if (key.startsWith(`${panel} `)) had.delete(key)
      continue
    }
    if ('signedOut' in entry) {
      had.clear()
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
    const before = had.get(key)
    if (!before) {
      had.set(key, { last: n, all: new Set([n]) })
      continue
    }
    const { last } = before
    const what = `tab ${tab}, ${key}: ${last}, then ${n}`
    // The last value, told again as such: to a page that was loaded anew.
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
      const begun = sent.get(room)?.[last + 1] ?? 0
      const isTold = gaps.some(
        (gap) => gap.rooms.includes(room) && gap.from <= at + setBack && gap.to >= begun - setBack,
      )
      if (isTold) announced += n - last - 1
      else losses.push(what)
    }
  }
  return { events, gaps: gaps.length, announced, losses, duplicates, disorders, changed }
}
