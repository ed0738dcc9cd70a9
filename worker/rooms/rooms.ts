import type { GapCause, RoomState } from '../../shared/status'
import type { RoomReport } from '../../shared/wire'
import { now } from '../clock'
import { createJoins } from './joins'
import { addLeftRoom, type LeftRooms } from './left-rooms'
import { createPendingGaps } from './pending-gaps'
import { type Room, reportOf, setState } from './room'

/** How long a leave may be on its way, in ms. */
const IN_FLIGHT = 2000

export interface RoomsParts {
  /** Asks the server for a room. Returns whether the request could be sent. Called only while connected. */
  readonly join: (room: string) => boolean
  /** The server did not answer a join in time. Called once, until an answer comes. */
  readonly unanswered: (room: string) => void
  /** Only while connected. `isDenied`: the server has not joined the room, so only a connection of its own has to end. */
  readonly leave: (room: string, isDenied: boolean) => void
  readonly changed: (rooms: readonly RoomReport[]) => void
  /** These rooms are joined again, and events since `from` may be missing. Called before `changed` reports them as live. */
  readonly gap: (rooms: readonly string[], from: number, cause: GapCause) => void
  /** Nobody wants the room any more, and it is forgotten. */
  readonly dropped: (room: string) => void
  /** How long the last leave of a room is delayed, in ms, so that a reload or a remount does not leave and join again. */
  readonly linger: number
}

export interface Rooms {
  /** From now on `holder` wants exactly these rooms. `linger`: how long their last leave is delayed, if not as usual. */
  hold(holder: string, rooms: Iterable<string>, linger?: number): void
  /**
   * An earlier worker served these rooms until then, and had joined some of them in its session. `had`: all rooms that its
   * panels had, if that is known.
   */
  carry(rooms: Iterable<string>, until: number, joined: Iterable<string>, had?: ReadonlySet<string>): void
  /** A handshake succeeded: joins the rooms that are wanted. */
  opened(recovered: boolean): void
  /** The connection is lost. The last message came at `heardAt`. */
  lost(heardAt: number): void
  /** Events of a room may be missing since then. Returns whether the gap will be reported when the room is joined. */
  miss(room: string, from: number, cause: GapCause): boolean
  /** The server says that it has joined the room. `recovered`: it sends again what was missed. */
  confirm(room: string, recovered?: boolean): void
  /** The room's own connection is up, perhaps again. `recovered`: nothing was missed. */
  up(room: string, recovered?: boolean): void
  /** The room's own connection is down, and the others may be up. Its last message came at `heardAt`. */
  down(room: string, heardAt: number): void
  /** An event of these rooms came, so the server has joined them. Their gaps are reported before it. */
  heard(rooms: readonly string[]): void
  deny(room: string, reason: string): void
  /** Whether somebody wants the room, or wanted it a moment ago. */
  has(room: string): boolean
  isJoined(room: string): boolean
  report(rooms: Iterable<string>): readonly RoomReport[]
  /** Why the room was denied. */
  reason(room: string): string | undefined
  /** Whether the room's join was not answered in time, and still is not. */
  isUnanswered(room: string): boolean
  /** The rooms joined in this session, and the earliest time since when events of any room may be missing. */
  session(): { readonly rooms: readonly string[]; readonly missedSince: number }
  inspect(): readonly { room: string; wanted: number; state: RoomState; since: number; reason?: string }[]
}

/**
 * Compares what the tabs want with what the server has confirmed, and sends the difference: each wanted room is joined once
 * per session, and left a moment after the last tab stopped wanting it.
 */
export function createRooms(parts: RoomsParts): Rooms {
  const rooms = new Map<string, Room>()
  const wantedBy = new Map<string, ReadonlySet<string>>()
  const leftRooms: LeftRooms = new Map()
  let isConnected = false
  /** When the last message came before the connection was lost. */
  let lostAt = 0

  const joins = createJoins({
    ask: parts.join,
    late(name) {
      const room = rooms.get(name)
      if (room === undefined || room.isLate) return
      room.isLate = true
      parts.unanswered(name)
    },
  })
  const areSomeDown = () => [...rooms.values()].some(({ state }) => state === 'stale')
  const pendingGaps = createPendingGaps({
    ...parts,
    areJoinsOpen: () => joins.areOpen() || areSomeDown(),
  })

  const report = (names: Iterable<string>) =>
    [...names].flatMap((name) => {
      const room = rooms.get(name)
      return room ? [reportOf(name, room)] : []
    })

  function changed(names: readonly string[]) {
    if (names.length > 0) parts.changed(report(names))
  }

  function join(name: string, room: Room) {
    setState(room, 'joining')
    const toldAt = leftRooms.get(name)
    if (toldAt !== undefined) room.unsureUntil = toldAt + IN_FLIGHT
    leftRooms.delete(name)
    joins.begin(name)
  }

  function joined(name: string, room: Room) {
    joins.end(name)
    delete room.isNew
    delete room.unsureUntil
    if (room.missed) {
      pendingGaps.rooms.set(name, room)
      return
    }
    setState(room, 'live')
    changed([name])
  }

  /** The server sends again what was missed while the connection was down, but not what a tab or a worker has missed. */
  function recover(room: Room) {
    if (room.missed?.cause === 'link') delete room.missed
  }

  function addHolder(name: string, holder: string) {
    let room = rooms.get(name)
    if (room === undefined) {
      room = { holders: new Set(), state: 'joining', since: now() }
      rooms.set(name, room)
      if (isConnected) join(name, room)
    }
    clearTimeout(room.lingering)
    delete room.lingering
    room.holders.add(holder)
  }

  function removeHolder(name: string, holder: string, linger: number) {
    const room = rooms.get(name)
    if (!room?.holders.delete(holder) || room.holders.size > 0) return
    // A room whose own connection is down is dropped at once. Otherwise it would be redialled although no tab wants it.
    const isUp = isConnected && room.state !== 'denied' && room.state !== 'stale'
    if (linger > 0 && isUp) room.lingering = setTimeout(() => drop(name, room), linger)
    else drop(name, room)
  }

  /** While the connection is down, the leave is remembered. It is sent after the handshake if the session goes on. */
  function drop(name: string, room: Room) {
    clearTimeout(room.lingering)
    joins.end(name)
    pendingGaps.rooms.delete(name)
    rooms.delete(name)
    const isDenied = room.state === 'denied'
    const isTold = isConnected || room.unsureUntil !== undefined
    if (!isDenied) addLeftRoom(leftRooms, name, isTold ? now() : (leftRooms.get(name) ?? -Infinity))
    if (isConnected) parts.leave(name, isDenied)
    parts.dropped(name)
    pendingGaps.reportSoon()
  }

  function confirm(name: string, recovered?: boolean) {
    const room = rooms.get(name)
    if (!isConnected || room?.state !== 'joining') return
    if (recovered) recover(room)
    delete room.isLate
    joined(name, room)
    pendingGaps.reportSoon()
  }

  return {
    hold(holder, wanted, linger = parts.linger) {
      const before = wantedBy.get(holder) ?? new Set()
      const after = new Set(wanted)
      // Added first, so that a room that moves from one panel to another always has a holder.
      for (const name of after) if (!before.has(name)) addHolder(name, holder)
      for (const name of before) if (!after.has(name)) removeHolder(name, holder, linger)
      if (after.size > 0) wantedBy.set(holder, after)
      else wantedBy.delete(holder)
    },
    carry(names, until, joinedNames, had) {
      const session = new Set(joinedNames)
      for (const name of names) {
        const room = rooms.get(name)
        if (!room) continue
        if (had && !had.has(name)) {
          room.isNew = true
          continue
        }
        // A page may have said already that it missed more.
        room.missed = { from: Math.min(until, room.missed?.from ?? until), cause: 'worker' }
        if (session.has(name)) room.carried = 'perhaps'
      }
      for (const name of session) if (!rooms.has(name)) addLeftRoom(leftRooms, name, -Infinity)
    },
    opened(recovered) {
      isConnected = true
      if (!recovered) leftRooms.clear()
      for (const [name, toldAt] of leftRooms) {
        const isWanted = rooms.has(name)
        if (!isWanted) parts.leave(name, false)
        // The server has got those that were told long before the loss.
        if (!isWanted || toldAt > lostAt - IN_FLIGHT) leftRooms.set(name, now())
      }
      for (const [name, room] of rooms) {
        if (!recovered) delete room.unsureUntil
        if (recovered && room.state === 'stale') {
          setState(room, 'live')
          delete room.missed
          continue
        }
        if (recovered && room.carried === 'perhaps') {
          room.carried = 'yes'
          delete room.missed
        } else {
          delete room.carried
        }
        // Carried rooms too: the last joins and leaves of the earlier worker may not have reached the server.
        join(name, room)
      }
      changed([...rooms.keys()])
    },
    lost(heardAt) {
      isConnected = false
      lostAt = heardAt
      // Rooms with a gap to report are still `joining`, and keep what they missed.
      joins.endAll()
      pendingGaps.clear()
      const stale: string[] = []
      for (const [name, room] of rooms) {
        if (room.holders.size === 0) {
          drop(name, room)
        } else if (room.state === 'live' || room.carried === 'yes') {
          delete room.carried
          setState(room, 'stale')
          room.missed ??= { from: heardAt, cause: 'link' }
          stale.push(name)
        }
      }
      changed(stale)
    },
    confirm,
    up(name, recovered) {
      const room = rooms.get(name)
      if (!isConnected || room === undefined || room.state === 'live') return
      setState(room, 'joining')
      confirm(name, recovered)
    },
    down(name, heardAt) {
      const room = rooms.get(name)
      if (!isConnected || room === undefined || room.state === 'stale' || room.state === 'denied') return
      if (room.holders.size === 0) return drop(name, room)
      joins.end(name)
      pendingGaps.rooms.delete(name)
      if (room.state === 'live' || room.carried === 'yes') room.missed ??= { from: heardAt, cause: 'link' }
      delete room.carried
      setState(room, 'stale')
      changed([name])
      pendingGaps.reportSoon()
    },
    heard(names) {
      for (const name of names) {
        const room = rooms.get(name)
        if (!isConnected || room?.state !== 'joining') continue
        if (now() < (room.unsureUntil ?? 0)) room.missed ??= { from: now(), cause: 'link' }
        else joined(name, room)
      }
      pendingGaps.reportWith(names)
    },
    miss(name, from, cause) {
      const room = rooms.get(name)
      if (room?.state !== 'joining' || room.carried === 'yes' || room.isNew) return false
      const { missed = { from, cause: 'link' } } = room
      // This cause stands even if the connection missed more: what a page missed cannot be recovered.
      if (from < missed.from || missed.cause === 'link')
        room.missed = { from: Math.min(from, missed.from), cause }
      return room.carried === undefined
    },
    deny(name, reason) {
      const room = rooms.get(name)
      if (!isConnected || room === undefined || room.state === 'denied') return
      setState(room, 'denied', reason)
      if (room.holders.size === 0) return drop(name, room)
      joins.end(name)
      pendingGaps.rooms.delete(name)
      delete room.isLate
      changed([name])
      pendingGaps.reportSoon()
    },
    has: (name) => rooms.has(name),
    isJoined(name) {
      const room = rooms.get(name)
      return room?.state === 'live' || room?.carried === 'yes' || pendingGaps.rooms.has(name)
    },
    report,
    reason: (name) => rooms.get(name)?.reason,
    isUnanswered(name) {
      const room = rooms.get(name)
      return room?.state === 'joining' && room.isLate === true
    },
    session: () => ({
      rooms: [...rooms].flatMap(([name, { state, carried }]) =>
        state === 'live' || state === 'stale' || carried === 'yes' ? [name] : [],
      ),
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
