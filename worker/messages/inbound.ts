import { PartylineError } from '../../shared/errors'
import type { Counter } from '../../shared/snapshot'
import type { ReloadOrder } from '../../shared/status'
import type { EventId } from '../../shared/wire'
import { now } from '../clock'
import { type RoomEvent, textOf, withData } from '../delivery/event'
import type { Outbox } from '../delivery/outbox'
import type { Dialect, Message, Route } from '../dialect/dialect'
import { read as readMessage } from '../dialect/reading'
import type { Arrival } from '../link/link'
import { createGaps } from '../merged-gaps'
import type { Progress } from '../persistence/progress'
import type { Recorder } from '../recorder'
import type { Rooms } from '../rooms/rooms'
import type { Checks } from '../schemas'
import type { Warn } from '../warnings'
import type { Positions } from './positions'
import type { Sequence } from './sequence'

export interface InboundParts {
  readonly dialect: Dialect
  readonly route: Route | undefined
  /** The check of each room's payloads, where a room has a schema. */
  readonly checks: Checks | undefined
  /** Events longer than this many characters on the wire are dropped. */
  readonly largest: number
  readonly recorder: Recorder
  readonly warn: Warn
  readonly rooms: Rooms
  readonly sequence: Sequence
  readonly positions: Positions
  /** The server may count the room's events anew. */
  readonly forgetPlace: (room: string) => void
  /** The server has joined the room. `recovered`: it sends again what was missed. */
  readonly onJoined: (room: string, recovered?: boolean) => void
  readonly outbox: Outbox
  readonly progress: Progress
  /** Whether a message answers one of a page. */
  readonly answers: (message: Message) => boolean
  /** The server denied a room, for this reason. */
  readonly onDenied: (room: string, reason: string) => void
  readonly onReload: (order: Omit<ReloadOrder, 'reason'>) => void
  /** Messages were handled: the session has a later position to go on from. */
  readonly onHandled: () => void
}

/**
 * Handles what the server sends: drops keepalives, confirms and denies rooms, announces reloads, and publishes events. An event
 * that cannot be delivered is a gap of its rooms.
 */
export interface Inbound {
  /** A message came on the open connection, at this time. */
  receive(message: Arrival, at: number): void
  /** The server sent again what was missed while there was no connection. */
  receiveMissed(messages: readonly Arrival[]): void
}

/** A message that was read: its position in the session, and the events in it. */
interface Received {
  readonly id: EventId
  readonly events: readonly RoomEvent[]
}

/** The most rooms of which an error reports that an event did not fit. */
const REPORTED = 1000

/** The part of an envelope that is the data. */
const PART = 'data'

const isPart = (payload: unknown, data: unknown) =>
  typeof payload === 'object' && payload !== null && (payload as Record<string, unknown>)[PART] === data

export function createInbound(parts: InboundParts): Inbound {
  const { dialect, checks, rooms, sequence, outbox, progress, warn } = parts
  const { count } = parts.recorder
  /** The id of the last event without a position. Starts at random, so that no two workers give the same. */
  let lastId = Math.floor(Math.random() * 2 ** 52)
  /** The gaps of the messages that are being read. */
  let missing = createGaps()
  /** The rooms of which a tab was told that an event did not fit. */
  const reported = new Set<string>()

  /** Of an event's rooms, those that somebody wants. An event of a room proves that the server has joined it. */
  function hear(named: readonly string[]): readonly string[] {
    const wanted = named.filter((room) => rooms.has(room))
    if (wanted.length < named.length) count('unwanted', named.length - wanted.length)
    // An event that comes before the answer to a join: the server does not send again what was missed, and may count anew.
    if (dialect.resume) for (const room of wanted) if (!rooms.isJoined(room)) parts.forgetPlace(room)
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
      const result = number === undefined ? 'next' : sequence.check(room, number, at)
      if (result === 'again') count('duplicates')
      else if (result !== 'next') missing.add([room], result.since, at, 'sequence')
      return result !== 'again'
    })
  }

  /** Drops an event that cannot be delivered, and reports a gap of its rooms. */
  function drop(what: Counter, name: string, why: string, wanted: readonly string[], at: number): [] {
    count(what)
    if (wanted.length > 0) missing.add(wanted, at, at, 'queue')
    warn(`${what} ${name}`, `Event "${name}" ${why}`)
    return []
  }

  /** Drops an event of a room whose schema it does not fit. */
  function reject(room: string, wrong: string, at: number): [] {
    count('invalid')
    missing.add([room], at, at, 'invalid')
    if (reported.has(room) || reported.size >= REPORTED) return []
    const text = `An event of room "${room}" does not fit its schema, so nobody gets it: ${wrong}. Correct the server, or "rooms" in the worker file.`
    warn(`invalid ${room}`, text)
    const error = new PartylineError('invalid', text).toJSON()
    if (outbox.postWatchers(room, { type: 'error', error })) reported.add(room)
    return []
  }

  function eventsIn(message: Arrival, id: EventId, at: number): readonly RoomEvent[] {
    if (parts.answers(message)) {
      count('system')
      return []
    }
    const { name: sentAs, text, payload, size } = message
    const reading = readMessage(dialect, parts.route, message, rooms.isJoined)
    switch (reading.kind) {
      case 'data': {
        count('data')
        const { name, data, numbers, positions } = reading
        const heard = hear(reading.rooms)
        const wanted = numbers ? inSequence(heard, (room) => numbers[reading.rooms.indexOf(room)], at) : heard
        if (positions)
          for (const room of wanted) parts.positions.note(room, positions[reading.rooms.indexOf(room)])
        if (size > parts.largest) {
          const why = `is longer than ${parts.largest} characters, so nobody gets it.`
          return drop('oversized', sentAs, why, wanted, at)
        }
        const isWhole = data === payload
        const isText = text !== undefined && (isWhole || isPart(payload, data))
        return wanted.flatMap((room): RoomEvent | [] => {
          const result = checks?.(room)?.(data)
          if (result?.wrong !== undefined) return reject(room, result.wrong, at)
          const event = { id, room, name, at, size }
          if (result) return withData(event, result.value)
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
        parts.onJoined(reading.room, reading.recovered)
        return []
      case 'denied':
        count('system')
        parts.onDenied(reading.room, reading.reason)
        return []
      case 'reload':
        count('reloads')
        parts.onReload(reading.order)
        return []
      case 'unrouted': {
        const why =
          `names no room, so nobody gets it. Send { room, … }, name the event after its room, ` +
          `or tell serve: route: (name) => (name === ${JSON.stringify(sentAs)} ? 'its-room' : undefined)`
        return drop('unrouted', sentAs, why, [], at)
      }
      case 'malformed': {
        const why =
          `could not be read, so nobody gets it: ${reading.why}. ` +
          'Correct the dialect or `route` in the worker file.'
        return drop('malformed', sentAs, why, hear(reading.rooms), at)
      }
    }
  }

  function read(message: Arrival, at: number): Received {
    count('received')
    // Each room's own connection has positions of its own.
    const id = (message.room === undefined ? message.position : undefined) ?? ++lastId
    return { id, events: eventsIn(message, id, at) }
  }

  /** Gaps come before the events that were read with them. Progress counts an event once it was given to the tabs. */
  function handle(messages: readonly Arrival[], at: number, publish: (events: readonly RoomEvent[]) => void) {
    const received = messages.map((message) => read(message, at))
    const gaps = missing.all
    if (gaps.length > 0) missing = createGaps()
    for (const { rooms, from, cause } of gaps) outbox.gap(rooms, from, cause)
    publish(received.flatMap(({ events }) => events))
    for (const { id } of received) progress.received(id, at)
    parts.onHandled()
  }

  return {
    receive: (message, at) => handle([message], at, (events) => events.forEach(outbox.publish)),
    receiveMissed: (messages) => handle(messages, now(), outbox.catchUp),
  }
}
