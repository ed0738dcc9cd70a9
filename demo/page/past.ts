import type { Item } from './log.ts'

/** Asks the server for what happened in rooms between two times. Rejects where it does not answer. */
export async function fetchPast(
  rooms: readonly string[],
  from: number,
  to: number,
): Promise<Readonly<Record<string, readonly Item[]>>> {
  const query = new URLSearchParams({ rooms: rooms.join(','), from: String(from), to: String(to) })
  const response = await fetch(`/api/history?${query}`)
  if (!response.ok) throw new Error(`The past could not be fetched: HTTP ${response.status}.`)
  return response.json()
}
