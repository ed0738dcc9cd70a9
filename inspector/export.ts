import type { Snapshot } from '../src'
import { element } from './dom/dom'

const two = (value: number) => String(value).padStart(2, '0')

/** `partyline-2026-11-21-14-03-22.json`. */
function nameAt(at: number): string {
  const date = new Date(at)
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()]
  return `partyline-${date.getFullYear()}-${parts.map(two).join('-')}.json`
}

/** Hands a snapshot to the user as a file. */
export function exportSnapshot(snapshot: Snapshot): void {
  const text = `${JSON.stringify(snapshot, null, 2)}\n`
  const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  element('a', { href, download: nameAt(Date.now()) }).click()
  // The download has begun with the click; some browsers read the address a little later.
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}
