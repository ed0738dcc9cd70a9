import type { Counter } from '../../shared/snapshot'
import type { GapCause, ReloadOrder } from '../../shared/status'
import type { EventId } from '../../shared/wire'
import { now } from '../clock'
import { type RoomEvent, textOf } from '../delivery/event'
import type { Dialect, Route } from '../dialect/dialect'
import { read } from '../dialect/reading'
import { createGaps } from '../gaps'
import type { Arrival } from '../link/link'
import type { Warn } from '../warnings'
import type { Verdict } from './sequence'

export interface InboundParts {
  readonly dialect: Dialect
  readonly route: Route | undefined
  /** Events longer than so many characters on the wire are for nobody. */
  readonly largest: number
  readonly count: (what: Counter, by?: number) => void
  readonly warn: Warn
  readonly rooms: {
    has(room: string): boolean
    isJoined(room: string): boolean
    confirm(room: string): void
    heard(rooms: readonly string[]): void
    deny(room: string, reason: string): void
  }
  /** Judges the number of an event among those of its room. */
  readonly judge: (room: string, number: number, at: number) => Verdict
  /** Events of these rooms are missing. Told once per cause, before the events that came with it are returned. */
  readonly gap: (rooms: readonly string[], from: number, cause: GapCause) => void
  readonly reload: (order: Omit<ReloadOrder, 'reason'>) => void
}

/** A message, understood: its place in the session, and the events that are in it for tabs. */
export interface Understood {
  readonly id: EventId
  readonly at: number
  readonly events: readonly RoomEvent[]
}

/** The part of an envelope that is the data. */
const PART = 'data'

const isPart = (payload: unknown, data: unknown) =>
  typeof payload === 'object' && payload !== null && (payload as Record<string, unknown>)[PART] === data

/** Understands what the server sends: does what messages ask for, and returns the events in them. */
export function createInbound(parts: InboundParts): (messages: readonly Arrival[]) => readonly Understood[] {
  const { dialect, rooms, count, warn } = parts
  /** Number of the last event that came without one; begins at random, so that no two workers give the same. */
  let lastId = Math.floor(Math.random() * 2 ** 52)
  /** What is missing among the messages that are being read. */
  let missing = createGaps()

  /** Of an event's rooms, those that somebody wants. Who hears from a room is in it, whether or not the server says so. */
  function hear(named: readonly string[]): readonly string[] {
    const wanted = named.filter((room) => rooms.has(room))
    if (wanted.length < named.length) count('unwanted', named.length - wanted.length)
    rooms.heard(wanted)
    return wanted
  }

  /** Of these rooms, those in which an event's number is new. */
  function inSequence(
    wanted: readonly string[],
    numberOf: (room: string) => number | undefined,
    at: number,
  ): readonly string[] {
    return wanted.filter((room) => {
      const number = numberOf(room)
      const verdict = number === undefined ? 'next' : parts.judge(room, number, at)
      if (verdict === 'again') count('duplicates')
      else if (verdict !== 'next') missing.add([room], verdict.since, at, 'sequence')
      return verdict !== 'again'
    })
  }

  function eventsIn(message: Arrival, id: EventId, at: number): readonly RoomEvent[] {
    const reading = read(dialect, parts.route, message, rooms.isJoined)
    switch (reading.kind) {
      case 'data': {
        count('data')
        const { name, data, numbers } = reading
        const heard = hear(reading.rooms)
        const wanted = numbers ? inSequence(heard, (room) => numbers[reading.rooms.indexOf(room)], at) : heard
        if (message.size > parts.largest) {
          count('oversized')
          if (wanted.length > 0) missing.add(wanted, at, at, 'queue')
          warn(
            `oversized ${message.name}`,
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
        warn(
          `unrouted ${message.name}`,
          `Event "${message.name}" names no room, so nobody gets it. Send { room, … }, name the event after its room, ` +
            `or tell serve: route: (name) => (name === ${JSON.stringify(message.name)} ? 'its-room' : undefined)`,
        )
        return []
      case 'malformed': {
        count('malformed')
        const wanted = hear(reading.rooms)
        if (wanted.length > 0) missing.add(wanted, at, at, 'queue')
        warn(
          `malformed ${message.name}`,
          `Event "${message.name}" could not be read, so nobody gets it: ${reading.why}. ` +
            'Correct the dialect or `route` in the worker file: they are asked about whatever the server sends.',
        )
        return []
      }
    }
  }

  function understand(message: Arrival): Understood {
    count('received')
    const at = now()
    const id = message.position ?? ++lastId
    return { id, at, events: eventsIn(message, id, at) }
  }

  return (messages) => {
    const understood = messages.map(understand)
    const gaps = missing.all
    if (gaps.length > 0) missing = createGaps()
    for (const { rooms, from, cause } of gaps) parts.gap(rooms, from, cause)
    return understood
  }
}
