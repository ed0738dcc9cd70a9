/** What is kept beyond a page: for its tab, or for all tabs of the origin. */
export type StorageName = 'sessionStorage' | 'localStorage'

/** `undefined` where nothing is kept, or storage is blocked, or holds what is not ours. */
export function recall(kept: StorageName, key: string): unknown {
  try {
    return JSON.parse(globalThis[kept].getItem(key) ?? '')
  } catch {
    return undefined
  }
}

/** Whether it could be kept. */
export function remember(kept: StorageName, key: string, value: unknown): boolean {
  try {
    globalThis[kept].setItem(key, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

/** Removes what this tab keeps of a user: of each place who it is, its reload orders and the events it had. */
export function forget(base: string): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (`${key}/`.startsWith(`${base}/`)) sessionStorage.removeItem(key)
  } catch {
    // Storage is blocked, so there is nothing in it.
  }
}
