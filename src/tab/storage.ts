/** `sessionStorage` belongs to one tab, `localStorage` to all tabs of the origin. Both outlive the page. */
export type StorageArea = 'sessionStorage' | 'localStorage'

/** Returns `undefined` if nothing is stored, storage is blocked, or the text is not JSON. */
export function readStorage(area: StorageArea, key: string): unknown {
  try {
    return JSON.parse(globalThis[area].getItem(key) ?? '')
  } catch {
    return undefined
  }
}

/** Returns false if storage is blocked or full. */
export function writeStorage(area: StorageArea, key: string, value: unknown): boolean {
  try {
    globalThis[area].setItem(key, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function removeStorage(area: StorageArea, key: string): void {
  try {
    globalThis[area].removeItem(key)
  } catch {
    // Storage is blocked, so nothing is stored.
  }
}

/**
 * Removes what this tab stored for a user: of each place the tab's id, its reload orders, the events it received, and when it was in
 * front; and what it has handled for all.
 */
export function clearTabStorage(base: string): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (`${key}/`.startsWith(`${base}/`)) sessionStorage.removeItem(key)
  } catch {
    // Storage is blocked, so nothing is stored.
  }
}
