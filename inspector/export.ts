import type { Snapshot } from '../src'
import { element } from './dom/elements'
import { twoDigits } from './format'

/** `partyline-2026-11-21-14-03-22.json`. */
function fileName(at: number): string {
  const date = new Date(at)
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()]
  return `partyline-${date.getFullYear()}-${parts.map(twoDigits).join('-')}.json`
}

/** Downloads a snapshot as a JSON file. */
export function exportSnapshot(snapshot: Snapshot): void {
  const text = `${JSON.stringify(snapshot, null, 2)}\n`
  const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  element('a', { href, download: fileName(Date.now()) }).click()
  // Some browsers read the URL only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}
