/** How long the server may take to answer a join before it is asked again, in ms. It doubles with each time, up to `LONGEST`. */
export const JOIN_PATIENCE = 10_000
const LONGEST = 300_000

export interface JoinsParts {
  /** Asks the server for a room. Returns whether the request could be sent. */
  readonly ask: (room: string) => boolean
  /** The server did not answer in time, and is about to be asked again. */
  readonly late: (room: string) => void
}

/** The joins that the server has not answered. Each is sent again, at growing intervals. */
export interface Joins {
  begin(room: string): void
  /** The server has answered, or the room is not wanted any more. */
  end(room: string): void
  endAll(): void
  /** Whether an answer to a first request may still come in time. */
  areOpen(): boolean
}

export function createJoins({ ask, late }: JoinsParts): Joins {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  /** The rooms that were asked for once. */
  const fresh = new Set<string>()

  function end(room: string) {
    clearTimeout(timers.get(room))
    timers.delete(room)
    fresh.delete(room)
  }

  /** Where the request cannot be sent, the dialect fails for this room, and would fail again. */
  function request(room: string, patience: number) {
    const again = () => {
      fresh.delete(room)
      late(room)
      request(room, Math.min(2 * patience, LONGEST))
    }
    // First, because the answer may come within the call.
    timers.set(room, setTimeout(again, patience))
    if (!ask(room)) end(room)
  }

  return {
    begin(room) {
      end(room)
      fresh.add(room)
      request(room, JOIN_PATIENCE)
    },
    end,
    endAll() {
      for (const room of timers.keys()) end(room)
    },
    areOpen: () => fresh.size > 0,
  }
}
