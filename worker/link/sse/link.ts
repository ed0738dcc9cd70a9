import { isObject } from '../../checks'
import { now } from '../../clock'
import { messageOf } from '../../thrown'
import type { Arrival, Link, LinkEvents, Loss } from '../link'
import { createEventStream, type EventStream, type StreamEvent } from './event-stream'

export interface StreamSettings {
  /** Returns the address of the stream of these rooms. May throw. */
  readonly url: (rooms: readonly string[], token: string | undefined) => URL
  readonly headers: (token: string | undefined) => Readonly<Record<string, string>>
  readonly credentials: RequestCredentials
  /** Whether the server sends what came after the last id. Without it, no id is kept. */
  readonly resumes: boolean
  /** The query parameter that takes the last id. `undefined`: it is sent as the header `Last-Event-ID`. */
  readonly lastIdIn: string | undefined
  /** The room whose own stream this is. */
  readonly room?: string
}

/** A stream can be continued by the last id alone, so all sessions have one id. It tells them from those of other kinds of servers. */
const SESSION = 'stream'
/** How long a server may take to answer, in ms. */
const HANDSHAKE = 10_000
/** How long a change of rooms waits for others, in ms, because each opens the stream anew. */
const TOGETHER = 20
/** A shorter silence, in ms, is usual. */
const USUAL = 10_000

/**
 * - `ended`: nothing is there
 * - `idle`: no room is wanted, so there is no stream
 * - `opening`: the server has not answered yet
 * - `open`: the stream is read
 */
type Phase = 'ended' | 'idle' | 'opening' | 'open'

/**
 * The link to a server that sends events over HTTP. The stream is read by `fetch`, which tells a server that refuses the user
 * from one that is away, and never retries by itself; `EventSource` does neither.
 */
export function createLink(settings: StreamSettings, events: LinkEvents): Link {
  const { resumes, room: own } = settings
  let phase: Phase = 'ended'
  /** The rooms that the stream should have. */
  let rooms = new Set<string>()
  /** The rooms whose join has no answer yet. */
  const asked = new Set<string>()
  /** The rooms and the address of the last stream. */
  let streamed: readonly string[] = []
  let address = ''
  let token: string | undefined
  /** The id of the last event, where the server can continue after it. */
  let lastId = ''
  /** Ends the stream, or the attempt to open it. */
  let controller: AbortController | undefined
  let change: ReturnType<typeof setTimeout> | undefined
  /** When the server sent something last, by the worker's clock, and by one that cannot be set. */
  let heardAt = 0
  let quietSince = 0
  let longestSilence = USUAL
  let answered = () => {}

  function end() {
    clearTimeout(change)
    change = undefined
    phase = 'ended'
    asked.clear()
    streamed = []
    address = ''
    answered = () => {}
    controller?.abort()
    controller = undefined
  }

  function lose(loss: Loss) {
    end()
    events.lost(loss)
  }

  /** There is nothing to stream, and nothing to continue later. */
  function rest() {
    end()
    controller = new AbortController()
    phase = 'idle'
    lastId = ''
  }

  const arrivalOf = ({ name, data, id }: StreamEvent): Arrival => {
    const parsed = parse(data)
    const type = isObject(parsed) && typeof parsed['type'] === 'string' ? parsed['type'] : undefined
    return {
      name: name || type || own || 'message',
      payload: parsed,
      size: data.length,
      ...(typeof parsed !== 'string' && { text: data }),
      // A room's own stream has ids of its own, which other rooms may have as well.
      ...(own !== undefined ? { room: own } : resumes && id !== lastId && { position: id }),
    }
  }

  function heard() {
    heardAt = now()
    quietSince = performance.now()
  }

  function hear(piece: string, stream: EventStream) {
    if (events.isStale?.()) return
    longestSilence = Math.max(longestSilence, performance.now() - quietSince)
    heard()
    answered()
    const current = controller
    const all = stream.read(piece)
    if (all.length === 0) events.alive()
    for (const event of all) {
      const arrival = arrivalOf(event)
      if (resumes) lastId = event.id
      events.message(arrival)
      if (controller !== current) return
    }
    if (resumes) lastId = stream.lastId()
  }

  function request(to: URL, signal: AbortSignal): Promise<Response> {
    const url = new URL(to)
    const headers: Record<string, string> = { accept: 'text/event-stream', ...settings.headers(token) }
    if (lastId !== '') {
      if (settings.lastIdIn === undefined) headers['last-event-id'] = lastId
      else url.searchParams.set(settings.lastIdIn, lastId)
    }
    const { credentials } = settings
    return fetch(url, { headers, credentials, cache: 'no-store', signal })
  }

  /** Opens a stream in place of the last one, and reads it to its end. */
  async function open(url: URL, wanted: readonly string[], opened: (recovered: boolean) => void) {
    const current = new AbortController()
    controller?.abort()
    controller = current
    phase = 'opening'
    const isCurrent = () => controller === current
    const deadline = setTimeout(
      () => isCurrent() && lose({ reason: `The server did not answer within ${HANDSHAKE / 1000} s.` }),
      HANDSHAKE,
    )
    try {
      const response = await request(url, current.signal).finally(() => clearTimeout(deadline))
      if (!isCurrent() || events.isStale?.()) return
      const loss = lossOf(response)
      if (loss) return lose(loss)
      heard()
      phase = 'open'
      streamed = wanted
      address = url.href
      opened(lastId !== '' && (response.headers.get('last-event-id') ?? lastId) === lastId)
      if (!isCurrent()) return
      // Rooms were joined or left meanwhile.
      const isSame = wanted.length === rooms.size && wanted.every((room) => rooms.has(room))
      if (!isSame) changeSoon()
      const stream = createEventStream(lastId)
      const decoder = new TextDecoder()
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      for (let piece = await reader.read(); !piece.done && isCurrent(); piece = await reader.read())
        hear(decoder.decode(piece.value, { stream: true }), stream)
      if (isCurrent()) lose({ reason: 'The server ended the stream.' })
    } catch (error) {
      if (isCurrent()) lose({ reason: messageOf(error) })
    }
  }

  /** Returns the address of a stream of these rooms. If there is none, the connection is lost. */
  function urlOf(wanted: readonly string[]): URL | undefined {
    try {
      return settings.url(wanted, token)
    } catch (error) {
      lose({ reason: messageOf(error) })
      return undefined
    }
  }

  function up(room: string) {
    asked.delete(room)
    events.rooms.up(room)
  }

  /** Answers the joins of these rooms. Rooms that did not ask keep their state. */
  function answer(joined: readonly string[]) {
    for (const room of joined) if (asked.has(room)) up(room)
  }

  function changeSoon() {
    if (phase !== 'opening') change ??= setTimeout(changeRooms, TOGETHER)
  }

  /** Opens a stream of the rooms wanted now. What the rooms of the last one miss meanwhile is sent again, or is a gap. */
  function changeRooms() {
    change = undefined
    if (rooms.size === 0) return rest()
    const before = streamed
    const wanted = [...rooms].sort()
    const isGrowing = wanted.some((room) => !before.includes(room))
    // A room too many is better than a gap in all others.
    if (!isGrowing && !resumes) return
    const since = heardAt
    const url = urlOf(wanted)
    if (!url) return
    if (url.href === address) {
      streamed = wanted
      return answer(wanted)
    }
    if (!wanted.some((room) => before.includes(room))) lastId = ''
    void open(url, wanted, (recovered) => {
      events.alive()
      if (recovered) return answer(wanted)
      for (const room of before) events.rooms.down(room, since)
      for (const room of wanted) up(room)
    })
  }

  return {
    dial(credentials) {
      token = credentials.token
      rooms = new Set(own === undefined ? credentials.rooms : [own])
      const { session } = credentials
      if (resumes && session?.id === SESSION) lastId ||= session.position
      const opened = (recovered: boolean) => {
        // Those that are still wanted are joined now.
        if (!recovered && own === undefined) rooms.clear()
        events.opened({ recovered, missed: [], ...(resumes && { session: SESSION }) })
      }
      if (rooms.size === 0) {
        rest()
        const current = controller
        return queueMicrotask(() => controller === current && opened(false))
      }
      const wanted = [...rooms].sort()
      const url = urlOf(wanted)
      if (url) void open(url, wanted, opened)
    },
    drop: end,
    async release() {
      end()
      return resumes
    },
    hangUp() {
      end()
      lastId = ''
    },
    send: () => {},
    probe(done) {
      const silence = performance.now() - quietSince
      if (phase !== 'open' || silence <= longestSilence) return done()
      longestSilence = silence
      answered = done
    },
    isUnconnected: () => phase !== 'open',
    ...(own === undefined && {
      join(room: string) {
        rooms.add(room)
        asked.add(room)
        if (phase !== 'open' || !streamed.includes(room)) return changeSoon()
        queueMicrotask(() => answer([room]))
      },
      leave(room: string) {
        rooms.delete(room)
        asked.delete(room)
        changeSoon()
      },
    }),
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

/** Why an answer is not a stream. */
function lossOf(response: Response): Loss | undefined {
  const { status } = response
  const reason = `The server answered ${status}.`
  if (status === 401 || status === 403) return { reason, rejection: { message: reason, data: { status } } }
  // By this the HTML standard lets a server end a stream for good.
  if (status === 204) return { reason, isFinal: true }
  if (!response.ok || !response.body) return { reason }
  const type = response.headers.get('content-type') ?? 'nothing'
  return type.startsWith('text/event-stream')
    ? undefined
    : { reason: `The server sent ${type} instead of text/event-stream.` }
}
