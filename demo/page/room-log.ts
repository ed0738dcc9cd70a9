/** The fields of every event. */
export interface Item {
  readonly id: string
  readonly at: number
  /** A later revision replaces an earlier one. @default 0 */
  readonly revision?: number
}

/** A time of which events may be missing. */
export interface LogGap {
  readonly from: number
  readonly to: number
  /** How many missed events were fetched; absent until then. */
  filled?: number
}

const ITEM_LIMIT = 600
const GAP_LIMIT = 20

export interface Log<Kind extends Item = Item> {
  /** The oldest first, each once, in its latest revision. */
  readonly items: readonly Kind[]
  readonly gaps: readonly LogGap[]
  readonly latest: Kind | undefined
  /** Adds new items in order of time, and returns how many were new. `late`: they were missed and then fetched. */
  add(items: readonly Kind[], late?: boolean): number
  isLate(item: Kind): boolean
  addGap(from: number, to: number): LogGap
}

/** The events of one room in order of time, live or fetched later. */
export function createLog<Kind extends Item>(): Log<Kind> {
  const items: Kind[] = []
  const byId = new Map<string, Kind>()
  const lateItems = new WeakSet<Kind>()
  const gaps: LogGap[] = []

  function insert(item: Kind) {
    let index = items.length
    while (index > 0 && (items[index - 1]?.at ?? 0) > item.at) index -= 1
    items.splice(index, 0, item)
  }

  /** Puts a later revision in the place of an earlier one. */
  function revise(known: Kind, item: Kind) {
    if ((item.revision ?? 0) <= (known.revision ?? 0)) return
    byId.set(item.id, item)
    if (lateItems.has(known)) lateItems.add(item)
    items.splice(items.indexOf(known), 1, item)
  }

  return {
    items,
    gaps,
    get latest() {
      return items.at(-1)
    },
    add(some, late = false) {
      let added = 0
      for (const item of some) {
        const known = byId.get(item.id)
        if (known) {
          revise(known, item)
          continue
        }
        byId.set(item.id, item)
        if (late) lateItems.add(item)
        insert(item)
        added += 1
      }
      for (const { id } of items.splice(0, items.length - ITEM_LIMIT)) byId.delete(id)
      return added
    },
    isLate: (item) => lateItems.has(item),
    addGap(from, to) {
      const gap: LogGap = { from, to }
      gaps.push(gap)
      if (gaps.length > GAP_LIMIT) gaps.shift()
      return gap
    },
  }
}
