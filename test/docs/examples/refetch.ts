import type { QueryClient } from '@tanstack/query-core'
import type { Line } from 'partyline'

/** The key of the query that shows a room. */
export const keyOf = (room: string) => ['room', room] as const

/** After a gap, fetches the queries of its rooms again. Returns an unsubscriber. */
export function refetchOnGap(line: Pick<Line, 'on'>, client: QueryClient): () => void {
  return line.on('gap', ({ rooms }) => {
    for (const room of rooms) void client.invalidateQueries({ queryKey: keyOf(room) })
  })
}

/** Fetches again once the panel is live: an earlier answer lacks the events between it and the join. */
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

/** A listener that adds the events of a room to the list that the room's query has fetched. */
export function appendTo(client: QueryClient, room: string) {
  const queryKey = keyOf(room)
  return (event: { readonly room: string; readonly data: unknown; readonly replayed: boolean }) => {
    // The fetched list has the replayed last value already.
    if (event.room !== room || event.replayed) return
    client.setQueryData<readonly unknown[]>(queryKey, (rows = []) => [...rows, event.data])
    // The answer to a fetch under way may have been written before this event: fetch again.
    if (client.isFetching({ queryKey }) > 0) void client.invalidateQueries({ queryKey })
  }
}
