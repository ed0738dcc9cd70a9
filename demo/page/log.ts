/** What every event of the dashboard has. */
export interface Item {
  readonly id: string
  readonly at: number
}

/** Events that are missing, until they were fetched. */
export interface Hole {
  readonly from: number
  readonly to: number
  /** How many events a fetch brought; absent while it has not. */
  filled?: number
}

/** The most events kept per room. */
const KEPT = 600
const HOLES = 20

export interface Log<Kind extends Item = Item> {
  /** Oldest first, each once. */
  readonly items: readonly Kind[]
  readonly holes: readonly Hole[]
  readonly latest: Kind | undefined
  /** Adds what is not there yet, in its place; says how many that were. `late`: it was missed, and fetched. */
  add(items: readonly Kind[], late?: boolean): number
  isLate(item: Kind): boolean
  open(from: number, to: number): Hole
}

/** What came in one room, live or fetched later, in one order. */
export function createLog<Kind extends Item>(): Log<Kind> {
  const items: Kind[] = []
  const ids = new Set<string>()
  const lateItems = new WeakSet<Kind>()
  const holes: Hole[] = []

  function put(item: Kind) {
    let place = items.length
    while (place > 0 && (items[place - 1]?.at ?? 0) > item.at) place -= 1
    items.splice(place, 0, item)
  }

  return {
    items,
    holes,
    get latest() {
      return items.at(-1)
    },
    add(some, late = false) {
      let added = 0
      for (const item of some) {
        if (ids.has(item.id)) continue
        ids.add(item.id)
        if (late) lateItems.add(item)
        put(item)
        added += 1
      }
      for (const { id } of items.splice(0, items.length - KEPT)) ids.delete(id)
      return added
    },
    isLate: (item) => lateItems.has(item),
    open(from, to) {
      const hole: Hole = { from, to }
      holes.push(hole)
      if (holes.length > HOLES) holes.shift()
      return hole
    },
  }
}
