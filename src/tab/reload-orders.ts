import type { OrderMemory, Remembered } from '../../shared/wire'
import { readStorage, writeStorage } from './storage'

/** The reload orders this tab has received. The page keeps them for the worker, across the reloads that they cause. */
export interface ReloadOrders {
  /** Returns no `orders` if storage is blocked: the worker then sends no order that could become a reload loop. */
  read(): Partial<Remembered>
  /** Returns false if the orders could not be stored. */
  keep(remembered: Remembered): boolean
}

export function createReloadOrders(place: string): ReloadOrders {
  const key = `${place}/orders`
  let given: readonly string[] = []
  const write = (orders: OrderMemory) => writeStorage('sessionStorage', key, orders)
  return {
    read() {
      const orders = readStorage('sessionStorage', key)
      if (Array.isArray(orders)) return { orders, given }
      return write([]) ? { orders: [], given } : {}
    },
    keep(remembered) {
      given = remembered.given
      return write(remembered.orders)
    },
  }
}
