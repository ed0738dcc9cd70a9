/** Where the last event of each room stands, for a server that can send again what came later. */
export interface Positions {
  note(room: string, position: string | number | undefined): void
  forget(room: string): void
  /** The positions of these rooms, as far as they are known. */
  of(rooms: readonly string[]): Readonly<Record<string, string | number>>
}

export function createPositions(): Positions {
  const latest = new Map<string, string | number>()
  return {
    note(room, position) {
      if (position !== undefined) latest.set(room, position)
    },
    forget: (room) => void latest.delete(room),
    of: (rooms) =>
      Object.fromEntries(
        rooms.flatMap((room) => {
          const position = latest.get(room)
          return position === undefined ? [] : [[room, position]]
        }),
      ),
  }
}
