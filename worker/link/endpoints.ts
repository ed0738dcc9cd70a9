import { now } from '../clock'
import { messageOf } from '../thrown'
import { type Connection, type ConnectionParts, createConnection } from './connection'
import type { ConnectionStatus } from './dialer'
import type { Link, LinkEvents } from './link'
import type { ConnectionState } from './phases'
import { createTurns } from './turns'

/** How often at most a wake-up is reported, in ms: each room's connection notices it, within 2 s. */
const WAKE = 3000

/**
 * A connection for each room. To join a room is to dial, to leave it is to hang up. Each is retried at a pace of its own, and one
 * that is down or refused makes its room `stale` or `denied`, and no other. Rooms can be joined from `start` on: the whole is
 * `online` while one connection is open or none is wanted. `addressOf` returns a room's address, if it has one.
 */
export function createEndpoints(
  parts: ConnectionParts,
  createLink: (room: string, events: LinkEvents) => Link,
  addressOf?: (room: string) => string,
): Connection {
  const connections = new Map<string, Connection>()
  const turns = createTurns()
  /** Whether rooms can be joined. */
  let isStarted = false
  /** The start that waits for the session. */
  let starting: object | undefined
  let isPaused = false
  /** Whether a connection is open, or was until nothing was wanted. */
  let isUp = false
  let status: ConnectionStatus = { state: 'connecting', since: now(), attempt: 0 }
  let wokeAt = 0

  const all = () => [...connections.values()]

  function current(): Omit<ConnectionStatus, 'since'> {
    if (isPaused) return { state: 'paused', attempt: 0 }
    if (!isStarted) return { state: 'connecting', attempt: starting ? 1 : 0 }
    const statuses = all().map((each) => each.status())
    const isSome = (state: ConnectionState) => statuses.some((each) => each.state === state)
    // One that is dialled for the first time is not down.
    if (statuses.length === 0 || isSome('online') || (isUp && isSome('connecting')))
      return { state: 'online', attempt: 0, recovered: false }
    const isRefused = statuses.every(({ state }) => state === 'unauthorized')
    const dueTimes = statuses.flatMap(({ nextTryAt }) => nextTryAt ?? [])
    const error = statuses.find((each) => each.error)?.error
    return {
      state: isRefused ? 'unauthorized' : isSome('connecting') ? 'connecting' : 'offline',
      attempt: Math.max(...statuses.map(({ attempt }) => attempt)),
      ...(dueTimes.length > 0 && { nextTryAt: Math.min(...dueTimes) }),
      ...(error && { error }),
    }
  }

  function publish() {
    const next = current()
    const since = next.state === status.state ? status.since : now()
    if (JSON.stringify({ ...next, since }) === JSON.stringify({ ...status })) return
    status = { ...next, since }
    const wasUp = isUp
    // Where nothing was wanted so far, nothing has shown that the server is there.
    isUp = next.state === 'online' && (wasUp || all().some((each) => each.isOpen()))
    if (isUp && !wasUp) parts.onUp(false)
    if (!isUp && wasUp) parts.onDown(next.error?.message)
    parts.onStatus(status)
  }

  function open(room: string): Connection {
    const own = {}
    const connection = createConnection(
      {
        ...parts,
        obstacle: () => addressOf && parts.obstacle?.(() => addressOf(room)),
        session: async () => undefined,
        // Tokens are fetched before, so that connections that are dialled together fetch one.
        // A room that was left meanwhile would never give its turn back.
        async turn() {
          if (connections.get(room) === connection) await turns.take(own)
        },
        onOpened: () => {},
        onUp: (recovered) => parts.rooms.up(room, recovered),
        onDown: () => {},
        onSettled: () => turns.end(own),
        // A link of the app's own need not name the room.
        onMessage: (message, at) =>
          parts.onMessage(message.room === undefined ? { ...message, room } : message, at),
        rooms: { ...parts.rooms, opened: () => {}, lost: (heardAt) => parts.rooms.down(room, heardAt) },
        onStatus(each) {
          // A connection that was never open has no `lost`.
          if (each.state === 'offline') parts.rooms.down(room, now())
          if (each.state === 'unauthorized') parts.rooms.deny(room, each.error?.message ?? 'denied')
          publish()
        },
        onWoke() {
          if (now() - wokeAt < WAKE) return
          wokeAt = now()
          parts.onWoke()
        },
      },
      (events) => createLink(room, events),
    )
    return connection
  }

  async function start() {
    if (isStarted || isPaused) return
    const own = {}
    starting = own
    publish()
    await parts.session()
    if (starting !== own) return
    isStarted = true
    parts.onOpened({ recovered: false, missed: [] })
    // Where rooms are wanted, it is online once the first one's connection is open.
    parts.rooms.opened(false)
    publish()
  }

  function close() {
    isStarted = false
    starting = undefined
    const ended = all()
    connections.clear()
    for (const each of ended) each.dispose()
    publish()
    parts.rooms.lost(now())
  }

  return {
    status: () => status,
    isOpen: () => isStarted,
    start: () => void start(),
    stop() {
      isPaused = false
      close()
    },
    settled: () => Promise.resolve(),
    async release() {
      const released = all().map((each) => each.release())
      close()
      await Promise.all(released)
      return false
    },
    pause() {
      isPaused = true
      close()
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      void start()
    },
    retry(isManual) {
      for (const each of all()) each.retry(isManual)
    },
    redial(why) {
      for (const each of all()) each.redial(why)
    },
    send: () => {},
    request: (message, acknowledged) =>
      connections.get(message.room ?? '')?.request(message, acknowledged) ?? false,
    nudge(why, tab) {
      for (const each of all()) each.nudge(why, tab)
    },
    dispose: close,
    join(room) {
      if (connections.has(room)) return
      let connection: Connection
      try {
        connection = open(room)
      } catch (error) {
        // The app's own link cannot be made. The join has to begin before it is denied.
        return queueMicrotask(() => parts.rooms.deny(room, messageOf(error)))
      }
      connections.set(room, connection)
      connection.start()
      publish()
    },
    leave(room) {
      const connection = connections.get(room)
      connections.delete(room)
      connection?.dispose()
      publish()
    },
    statusOf: (room) => connections.get(room)?.status(),
  }
}
