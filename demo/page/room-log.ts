/** The fields of every event. */
export interface Item {
  readonly id: string
  readonly at: number
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
  /** The oldest first, each once. */
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
  const ids = new Set<string>()
  const lateItems = new WeakSet<Kind>()
  const gaps: LogGap[] = []

  function insert(item: Kind) {
    let index = items.length
    while (index > 0 && (items[index - 1]?.at ?? 0) > item.at) index -= 1
    items.splice(index, 0, item)
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
        if (ids.has(item.id)) continue
        ids.add(item.id)
        if (late) lateItems.add(item)
        insert(item)
        added += 1
      }
      for (const { id } of items.splice(0, items.length - ITEM_LIMIT)) ids.delete(id)
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
