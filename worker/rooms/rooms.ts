import type { GapCause, RoomState } from '../../shared/status'
import type { RoomReport } from '../../shared/wire'
import { now } from '../clock'
import { createGaps } from '../gaps'
import { createJoins } from './joins'

interface Room {
  /** The tabs that want it. */
  readonly holders: Set<string>
  state: RoomState
  since: number
  reason?: string
  /** Since when events of it may have been missed. Filled by a recovered session, or owned up to once it is live. */
  missed?: { readonly from: number; readonly cause: GapCause }
  /** Joined in the session of an earlier worker: nothing is missing if the server gives that back, or has. */
  carried?: 'perhaps' | 'yes'
  /** Its join was not answered in time, and its tabs were told. Until it is answered they are not told again. */
  isLate?: boolean
  /** Set while nobody wants the room any more and its leave is still to come. */
  lingering?: ReturnType<typeof setTimeout>
}

/** How many left rooms a session remembers. */
const REMEMBERED = 256

/** How long joined rooms with a gap to tell wait for the answers about others, in ms. */
const TOGETHER = 100

export interface RoomsParts {
  /** Joins for a room. Returns whether it could be asked for. Only called while connected. */
  readonly join: (room: string) => boolean
  /** A join was not answered in time. Told once, until an answer comes. */
  readonly unanswered: (room: string) => void
  readonly leave: (room: string) => void
  readonly changed: (rooms: readonly RoomReport[]) => void
  /** The rooms are live again; what came since then may be missing. Told before `changed` says that they are live. */
  readonly gap: (rooms: readonly string[], from: number, cause: GapCause) => void
  /** The room is forgotten: nobody wants it, and the server was told. */
  readonly dropped: (room: string) => void
  /** How long the last leave of a room waits, so that a reload or a remount does not flap it, in ms. */
  readonly linger: number
}

export interface Rooms {
  /** From now on `holder` wants exactly these rooms. `linger`: how long their last leave waits, if not as usual. */
  hold(holder: string, rooms: Iterable<string>, linger?: number): void
  /** Tabs had these rooms under an earlier worker, up to then; its session had joined those. */
  carry(rooms: Iterable<string>, until: number, joined: Iterable<string>): void
  /** A handshake succeeded: from here on, what is wanted is asked for. */
  opened(recovered: boolean): void
  /** The connection is gone; nothing was heard since `heardAt`. */
  lost(heardAt: number): void
  /** Events of a room may be missing from then on. Whether that will be told: once the room is joined. */
  miss(room: string, from: number, cause: GapCause): boolean
  /** The server says that it has joined the room. */
  confirm(room: string): void
  /** An event of these rooms came, so the server has joined them. What is missing before it is told at once. */
  heard(rooms: readonly string[]): void
  deny(room: string, reason: string): void
  /** Somebody wants the room, or let go of it a moment ago. */
  has(room: string): boolean
  isJoined(room: string): boolean
  report(rooms: Iterable<string>): readonly RoomReport[]
  reason(room: string): string | undefined
  /** The room's join was not answered in time, and is not answered yet. */
  isUnanswered(room: string): boolean
  /** The rooms the session has, and since when at most events of the others may be missing. */
  session(): { readonly rooms: readonly string[]; readonly missedSince: number }
  inspect(): readonly { room: string; wanted: number; state: RoomState; since: number; reason?: string }[]
}

/**
 * What the tabs want, against what the server has confirmed. The difference, and nothing else, is what gets sent:
 * each wanted room is joined once per session, and left a moment after the last tab let go of it.
 */
export function createRooms(parts: RoomsParts): Rooms {
  const rooms = new Map<string, Room>()
  const held = new Map<string, ReadonlySet<string>>()
  /** Rooms left in this session. A leave may be lost with the connection, so a recovered session hears it again. */
  const left = new Set<string>()
  /** Joined rooms with a gap to tell. They turn live together, so that it is told once for all of them. */
  const waiting = new Map<string, Room>()
  let together: ReturnType<typeof setTimeout> | undefined
  let connected = false

  const joins = createJoins({
    ask: parts.join,
    late(name) {
      const room = rooms.get(name)
      if (room === undefined || room.isLate) return
      room.isLate = true
      parts.unanswered(name)
    },
  })

  function turn(room: Room, state: RoomState, reason?: string) {
    const before = room.state
    room.state = state
    if (reason === undefined) delete room.reason
    else room.reason = reason
    if (before !== state) room.since = now()
  }

  const reportOf = (name: string, { state, since }: Room): RoomReport => [name, state, since]

  function ask(name: string, room: Room) {
    turn(room, 'joining')
    left.delete(name)
    joins.begin(name)
  }

  function join(name: string, room: Room) {
    joins.end(name)
    if (room.missed) {
      waiting.set(name, room)
      return
    }
    turn(room, 'live')
    parts.changed([reportOf(name, room)])
  }

  /** Joined rooms with a gap to tell wait until all that were asked for are answered, but not for long. */
  function settleSoon() {
    if (!joins.areOpen()) settle()
    else if (waiting.size > 0) together ??= setTimeout(settle, TOGETHER)
  }

  function settle() {
    clearTimeout(together)
    together = undefined
    if (waiting.size === 0) return
    const to = now()
    const gaps = createGaps()
    for (const [name, room] of waiting) {
      turn(room, 'live')
      if (room.missed) gaps.add([name], room.missed.from, to, room.missed.cause)
      delete room.missed
    }
    const news = [...waiting].map(([name, room]) => reportOf(name, room))
    waiting.clear()
    for (const { rooms, from, cause } of gaps.all) parts.gap(rooms, from, cause)
    parts.changed(news)
  }

  function want(name: string, holder: string) {
    let room = rooms.get(name)
    if (room === undefined) {
      room = { holders: new Set(), state: 'joining', since: now() }
      rooms.set(name, room)
      if (connected) ask(name, room)
    }
    clearTimeout(room.lingering)
    delete room.lingering
    room.holders.add(holder)
  }

  function release(name: string, holder: string, linger: number) {
    const room = rooms.get(name)
    if (!room?.holders.delete(holder) || room.holders.size > 0) return
    if (linger > 0 && connected && room.state !== 'denied')
      room.lingering = setTimeout(() => drop(name, room), linger)
    else drop(name, room)
  }

  function remember(name: string) {
    left.add(name)
    const [oldest] = left
    if (left.size > REMEMBERED && oldest !== undefined) left.delete(oldest)
  }

  /** A stale room stays on the server until it is known whether the session is recovered. */
  function drop(name: string, room: Room) {
    clearTimeout(room.lingering)
    joins.end(name)
    waiting.delete(name)
    rooms.delete(name)
    if (room.state !== 'denied') {
      remember(name)
      if (connected) parts.leave(name)
    }
    parts.dropped(name)
    settleSoon()
  }

  return {
    hold(holder, wanted, linger = parts.linger) {
      const before = held.get(holder) ?? new Set()
      const after = new Set(wanted)
      // Wants first: a room that moves from one panel to another is never without a holder.
      for (const name of after) if (!before.has(name)) want(name, holder)
      for (const name of before) if (!after.has(name)) release(name, holder, linger)
      if (after.size > 0) held.set(holder, after)
      else held.delete(holder)
    },
    carry(had, until, joined) {
      const session = new Set(joined)
      for (const name of had) {
        const room = rooms.get(name)
        if (!room) continue
        // A page may have said already that it has less.
        room.missed = { from: Math.min(until, room.missed?.from ?? until), cause: 'worker' }
        if (session.has(name)) room.carried = 'perhaps'
      }
      for (const name of session) if (!rooms.has(name)) remember(name)
    },
    opened(recovered) {
      connected = true
      if (recovered) for (const name of left) parts.leave(name)
      else left.clear()
      const news: RoomReport[] = []
      for (const [name, room] of rooms) {
        if (recovered && room.state === 'stale') {
          turn(room, 'live')
          delete room.missed
        } else {
          if (room.carried === 'perhaps' && recovered) {
            room.carried = 'yes'
            delete room.missed
          } else {
            delete room.carried
          }
          // Asked for even so: the server may not have known of the latest changes.
          ask(name, room)
        }
        news.push(reportOf(name, room))
      }
      if (news.length > 0) parts.changed(news)
    },
    lost(heardAt) {
      connected = false
      // What waits is still joining, and still has its gap to tell.
      joins.endAll()
      waiting.clear()
      clearTimeout(together)
      together = undefined
      const news: RoomReport[] = []
      for (const [name, room] of rooms) {
        if (room.holders.size === 0) {
          drop(name, room)
        } else if (room.state === 'live' || room.carried === 'yes') {
          delete room.carried
          turn(room, 'stale')
          room.missed ??= { from: heardAt, cause: 'link' }
          news.push(reportOf(name, room))
        }
      }
      if (news.length > 0) parts.changed(news)
    },
    confirm(name) {
      const room = rooms.get(name)
      if (!connected || room?.state !== 'joining') return
      delete room.isLate
      join(name, room)
      settleSoon()
    },
    heard(names) {
      for (const name of names) {
        const room = rooms.get(name)
        if (connected && room?.state === 'joining') join(name, room)
      }
      if (waiting.size > 0 && names.some((name) => waiting.has(name))) settle()
    },
    miss(name, from, cause) {
      const room = rooms.get(name)
      if (room?.state !== 'joining' || room.carried === 'yes') return false
      if (!room.missed || from < room.missed.from) room.missed = { from, cause }
      return room.carried === undefined
    },
    deny(name, reason) {
      const room = rooms.get(name)
      if (!connected || room === undefined || room.state === 'denied') return
      turn(room, 'denied', reason)
      if (room.holders.size === 0) return drop(name, room)
      joins.end(name)
      waiting.delete(name)
      delete room.isLate
      parts.changed([reportOf(name, room)])
      settleSoon()
    },
    has: (name) => rooms.has(name),
    isJoined(name) {
      const room = rooms.get(name)
      return room?.state === 'live' || room?.carried === 'yes' || waiting.has(name)
    },
    report: (names) =>
      [...names].flatMap((name) => {
        const room = rooms.get(name)
        return room ? [reportOf(name, room)] : []
      }),
    reason: (name) => rooms.get(name)?.reason,
    isUnanswered(name) {
      const room = rooms.get(name)
      return room?.state === 'joining' && room.isLate === true
    },
    session: () => ({
      rooms: [...rooms].flatMap(([name, { state }]) => (state === 'live' || state === 'stale' ? [name] : [])),
      missedSince: Math.min(...[...rooms.values()].flatMap(({ missed }) => missed?.from ?? [])),
    }),
    inspect: () =>
      [...rooms].map(([room, { holders, state, since, reason }]) => ({
        room,
        wanted: holders.size,
        state,
        since,
        ...(reason !== undefined && { reason }),
      })),
  }
}
