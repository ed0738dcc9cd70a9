/** How long an answer may take before a room is asked for again, in ms. It doubles with each ask, up to the longest. */
export const PATIENCE = 10_000
const LONGEST = 300_000

export interface JoinsParts {
  /** Joins for a room. Returns whether it could be asked for. */
  readonly ask: (room: string) => boolean
  /** No answer came in time; the room is asked for again. */
  readonly late: (room: string) => void
}

/** The rooms that were asked for and are not answered yet. Each is asked for again, more and more seldom. */
export interface Joins {
  begin(room: string): void
  /** The room was answered, or is not asked for any more. */
  end(room: string): void
  endAll(): void
  /** Whether an answer may still come in time. */
  areOpen(): boolean
}

export function createJoins({ ask, late }: JoinsParts): Joins {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  /** Those asked for once. */
  const fresh = new Set<string>()

  function end(room: string) {
    clearTimeout(timers.get(room))
    timers.delete(room)
    fresh.delete(room)
  }

  /** A room that cannot be asked for could not be asked for later either. */
  function askFor(room: string, patience: number) {
    if (!ask(room)) return end(room)
    const again = () => {
      fresh.delete(room)
      late(room)
      askFor(room, Math.min(2 * patience, LONGEST))
    }
    timers.set(room, setTimeout(again, patience))
  }

  return {
    begin(room) {
      end(room)
      fresh.add(room)
      askFor(room, PATIENCE)
    },
    end,
    endAll() {
      for (const room of [...timers.keys()]) end(room)
    },
    areOpen: () => fresh.size > 0,
  }
}
