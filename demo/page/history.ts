import type { Item } from './room-log.ts'

/** Fetches the events of rooms between two times. Rejects if the server does not answer. */
export async function fetchHistory(
  rooms: readonly string[],
  from: number,
  to: number,
): Promise<Readonly<Record<string, readonly Item[]>>> {
  const query = new URLSearchParams({ rooms: rooms.join(','), from: String(from), to: String(to) })
  const response = await fetch(`/api/history?${query}`)
  if (!response.ok)
    throw new Error(`The history could not be fetched: the server answered ${response.status}.`)
  return response.json()
}
