import type { QueryClient } from '@tanstack/query-core'
import type { Line } from 'partyline'

/** The query that shows a room has the room in its key. */
export const keyOf = (room: string) => ['room', room] as const

/** Fetches again what shows a room that has a hole. Returns how to stop. */
export function refetchOnGap(line: Pick<Line, 'on'>, client: QueryClient): () => void {
  return line.on('gap', ({ rooms }) => {
    for (const room of rooms) void client.invalidateQueries({ queryKey: keyOf(room) })
  })
}

/** Fetches again when a panel is first live: an earlier answer lacks what came until its rooms were joined. */
export function refetchOnceLive(
  line: Pick<Line, 'on' | 'panel'>,
  panel: string,
  client: QueryClient,
): () => void {
  const stop = line.on('panels', () => {
    const { state, rooms } = line.panel(panel)
    if (state !== 'live') return
    stop()
    for (const room of Object.keys(rooms)) void client.invalidateQueries({ queryKey: keyOf(room) })
  })
  return stop
}

/** A listener that adds the events of a room to the list that its query has fetched. */
export function appendTo(client: QueryClient, room: string) {
  const queryKey = keyOf(room)
  return (event: { readonly room: string; readonly data: unknown; readonly replayed: boolean }) => {
    // A last value that was kept for us is in the list that we fetch.
    if (event.room !== room || event.replayed) return
    client.setQueryData<readonly unknown[]>(queryKey, (rows = []) => [...rows, event.data])
    // A fetch that is under way may have been answered before this event came: it begins anew.
    if (client.isFetching({ queryKey }) > 0) void client.invalidateQueries({ queryKey })
  }
}
