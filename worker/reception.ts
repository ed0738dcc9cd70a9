import type { Counter, EventId, ReloadOrder } from '../src/protocol'
import { now } from './clock'
import { type Dialect, type Route, read } from './dialect'
import type { Arrival } from './link'
import { type Parcel, textOf } from './parcel'
import type { Verdict } from './sequence'

/** How many names of events that cannot be delivered are warned about. */
const WARNINGS = 100

export interface ReceptionParts {
  readonly dialect: Dialect
  readonly route: Route | undefined
  /** Events longer than so many characters on the wire are for nobody. */
  readonly largest: number
  readonly count: (what: Counter) => void
  readonly rooms: {
    has(room: string): boolean
    isJoined(room: string): boolean
    confirm(room: string): void
    deny(room: string, reason: string): void
  }
  /** Judges the number of an event among those of its room. */
  readonly judge: (room: string, number: number, at: number) => Verdict
  readonly gap: (room: string, from: number, cause: 'sequence' | 'queue') => void
  readonly reload: (order: Omit<ReloadOrder, 'reason'>) => void
}

/** A message, understood: its place in the session, and the events that are in it for tabs. */
export interface Understood {
  readonly id: EventId
  readonly at: number
  readonly events: readonly Parcel[]
}

/** The part of an envelope that is the data. */
const PART = 'data'

const isPart = (payload: unknown, data: unknown) =>
  typeof payload === 'object' && payload !== null && (payload as Record<string, unknown>)[PART] === data

/** Understands what the server sends: does what a message asks for, and returns the events in it. */
export function createReception(parts: ReceptionParts): (message: Arrival) => Understood {
  const { dialect, rooms, count } = parts
  const warned = new Set<string>()
  /** Number of the last event that came without one; begins at random, so that no two workers give the same. */
  let lastId = Math.floor(Math.random() * 2 ** 52)

  function warnOnce(name: string, text: string) {
    if (warned.size >= WARNINGS || warned.has(name)) return
    warned.add(name)
    console.warn(`[partyline] ${text}`)
  }

  /** Whether an event of a room is for anybody, and not there already. Owns up to what is missing before it. */
  function isFresh(room: string, number: number | undefined, at: number): boolean {
    if (!rooms.has(room)) {
      count('unwanted')
      return false
    }
    // Who hears from a room is in it, whether or not the server says so.
    rooms.confirm(room)
    const verdict = number === undefined ? 'next' : parts.judge(room, number, at)
    if (verdict === 'again') count('duplicates')
    else if (verdict !== 'next') parts.gap(room, verdict.since, 'sequence')
    return verdict !== 'again'
  }

  function eventsIn(message: Arrival, id: EventId, at: number): readonly Parcel[] {
    const reading = read(dialect, parts.route, message, rooms.isJoined)
    switch (reading.kind) {
      case 'data': {
        count('data')
        const { name, data, numbers } = reading
        const wanted = reading.rooms.filter((room, index) => isFresh(room, numbers?.[index], at))
        if (message.size > parts.largest) {
          count('oversized')
          for (const room of wanted) parts.gap(room, at, 'queue')
          warnOnce(
            message.name,
            `Event "${message.name}" is longer than ${parts.largest} characters, so nobody gets it.`,
          )
          return []
        }
        const { text, payload, size } = message
        return wanted.map((room) => {
          const event = { id, room, name, at, size }
          const isWhole = data === payload
          const isText = text !== undefined && (isWhole || isPart(payload, data))
          return {
            ...event,
            body: isText ? { text: textOf(event, text, isWhole ? undefined : PART) } : { data },
          }
        })
      }
      case 'system':
        count('system')
        return []
      case 'joined':
        count('system')
        rooms.confirm(reading.room)
        return []
      case 'denied':
        count('system')
        rooms.deny(reading.room, reading.reason)
        return []
      case 'reload':
        count('reloads')
        parts.reload(reading.order)
        return []
      case 'unrouted':
        count('unrouted')
        warnOnce(
          message.name,
          `Event "${message.name}" names no room, so nobody gets it. Send { room, … }, name the event after its room, ` +
            `or tell serve: route: (name) => (name === ${JSON.stringify(message.name)} ? 'its-room' : undefined)`,
        )
        return []
      case 'malformed':
        count('malformed')
        warnOnce(message.name, `Event "${message.name}" could not be read: ${reading.why}`)
        return []
    }
  }
  return (message) => {
    count('received')
    const at = now()
    const id = message.position ?? ++lastId
    return { id, at, events: eventsIn(message, id, at) }
  }
}
