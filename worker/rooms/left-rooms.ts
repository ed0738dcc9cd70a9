/** The most rooms that are remembered. */
const MOST = 256

/**
 * The rooms left in this session, the first one first, and when the server was told; `-Infinity` where it was not told. A leave may be
 * lost together with the connection. So when the server recovers the session, it is told again of all that nobody wants by then.
 */
export type LeftRooms = Map<string, number>

/** Adds a room. Where there are too many, the one that was left first is forgotten. */
export function addLeftRoom(rooms: LeftRooms, room: string, toldAt: number): void {
  rooms.set(room, toldAt)
  const [oldest] = rooms.keys()
  if (rooms.size > MOST && oldest !== undefined) rooms.delete(oldest)
}
