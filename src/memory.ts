import { recall, remember } from './notes'
import type { OrderMemory } from './protocol'

/** How many orders a page remembers. */
const MOST = 20

/** The reload orders this tab was given, kept across the reloads they cause. */
export interface Memory {
  /** `undefined` where nothing can be kept: such a page is given no order that could become a loop. */
  read(): OrderMemory | undefined
  /** The versions ordered since this page was loaded. */
  given(): readonly string[]
  /** Whether it could be written down. */
  add(version: string): boolean
  forget(version: string): void
}

export function createMemory(worker: string): Memory {
  const key = `${worker}/orders`
  const given = new Set<string>()

  const write = (orders: OrderMemory) => remember('sessionStorage', key, orders.slice(-MOST))

  function read(): OrderMemory | undefined {
    const orders = recall('sessionStorage', key)
    if (Array.isArray(orders)) return orders
    return write([]) ? [] : undefined
  }

  const others = (version: string) => (read() ?? []).filter(([known]) => known !== version)

  return {
    read,
    given: () => [...given],
    add(version) {
      given.add(version)
      const times = read()?.find(([known]) => known === version)?.[1] ?? 0
      return write([...others(version), [version, times + 1, Date.now()]])
    },
    forget: (version) => void write(others(version)),
  }
}
