import type { OrderMemory, Remembered } from '../../shared/wire'
import { recall, remember } from './storage'

/** The reload orders this tab was given, kept for the worker across the reloads they cause. */
export interface Memory {
  /** Without orders where none can be kept: such a page is given none that could become a loop. */
  read(): Partial<Remembered>
  /** Whether it could be written down. */
  keep(remembered: Remembered): boolean
}

export function createMemory(worker: string): Memory {
  const key = `${worker}/orders`
  let given: readonly string[] = []
  const write = (orders: OrderMemory) => remember('sessionStorage', key, orders)
  return {
    read() {
      const orders = recall('sessionStorage', key)
      if (Array.isArray(orders)) return { orders, given }
      return write([]) ? { orders: [], given } : {}
    },
    keep(remembered) {
      given = remembered.given
      return write(remembered.orders)
    },
  }
}
