import { isObject } from '../../checks'
import { now } from '../../clock'
import { messageOf } from '../../thrown'
import type { Arrival, Link, LinkEvents, Loss } from '../link'
import { createEventStream, type StreamEvent } from './event-stream'

export interface StreamSettings {
  /** Returns the address of the stream of these rooms. May throw. */
  readonly url: (rooms: readonly string[], token: string | undefined) => URL
  readonly headers: (token: string | undefined) => Readonly<Record<string, string>>
  readonly credentials: RequestCredentials
  /** Whether the server sends what came after the last id. */
  readonly resumes: boolean
  /** The query parameter that takes the last id. `undefined`: it is sent as the header `Last-Event-ID`. */
  readonly lastIdIn: string | undefined
  /** The room whose own stream this is. */
  readonly room?: string
}

/** A stream can be continued by the last id alone, so any id of a session will do. */
const SESSION = 'stream'
/** How long a change of rooms waits for others, in ms, because each opens the stream anew. */
const TOGETHER = 20
/** A shorter silence, in ms, is usual. */
const USUAL = 10_000

/**
 * The link to a server that sends events over HTTP. The stream is read by `fetch`, which tells a server that refuses the user
 * from one that is away, and never retries by itself; `EventSource` does neither.
 */
export function createLink(settings: StreamSettings, events: LinkEvents): Link {
  const { resumes, room: own } = settings
  /** The rooms that the stream should have. */
  let rooms = new Set<string>()
  /** The rooms that it has. */
  let streamed: readonly string[] = []
  let token: string | undefined
  let lastId = ''
  /** Ends the stream. Set while a connection or an attempt exists. */
  let stream: AbortController | undefined
  let change: ReturnType<typeof setTimeout> | undefined
  let heardAt = 0
  let longestSilence = USUAL
  let answered = () => {}

  function end() {
    clearTimeout(change)
    change = undefined
    streamed = []
    answered = () => {}
    const last = stream
    stream = undefined
    last?.abort()
  }

  function lose(loss: Loss) {
    end()
    events.lost(loss)
  }

  const arrivalOf = ({ name, data, id }: StreamEvent): Arrival => {
    const parsed = parse(data)
    const type = isObject(parsed) && typeof parsed['type'] === 'string' ? parsed['type'] : undefined
    return {
      name: name || type || own || 'message',
      payload: parsed,
      size: data.length,
      ...(typeof parsed !== 'string' && { text: data }),
      ...(own !== undefined && { room: own }),
      ...(resumes && id !== '' && { position: id }),
    }
  }

  function hear(piece: string, read: (piece: string) => readonly StreamEvent[]) {
    longestSilence = Math.max(longestSilence, performance.now() - heardAt)
    heardAt = performance.now()
    answered()
    const current = stream
    const all = read(piece)
    if (all.length === 0) events.alive()
    for (const event of all) {
      if (stream !== current) return
      lastId = event.id
      events.message(arrivalOf(event))
    }
  }

  async function request(controller: AbortController, wanted: readonly string[]): Promise<Response> {
    const url = settings.url(wanted, token)
    const headers: Record<string, string> = { accept: 'text/event-stream', ...settings.headers(token) }
    if (lastId !== '') {
      if (settings.lastIdIn === undefined) headers['last-event-id'] = lastId
      else url.searchParams.set(settings.lastIdIn, lastId)
    }
    const { credentials } = settings
    return fetch(url, { headers, credentials, cache: 'no-store', signal: controller.signal })
  }

  /** Opens a stream of the rooms wanted now, and reads it to its end. */
  async function open(opened: () => void) {
    const controller = new AbortController()
    const wanted = [...rooms]
    stream = controller
    const isCurrent = () => stream === controller
    try {
      const response = await request(controller, wanted)
      if (!isCurrent()) return
      const refusal = lossOf(response)
      if (refusal) return lose(refusal)
      heardAt = performance.now()
      streamed = wanted
      opened()
      const { read } = createEventStream(lastId)
      const decoder = new TextDecoder()
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      for (let piece = await reader.read(); !piece.done && isCurrent(); piece = await reader.read())
        hear(decoder.decode(piece.value, { stream: true }), read)
      if (isCurrent()) lose({ reason: 'The server ended the stream.' })
    } catch (error) {
      if (isCurrent()) lose({ reason: messageOf(error) })
    }
  }

  /** Opens the stream with other rooms. What its rooms miss meanwhile is sent again, or is a gap. */
  function reopen() {
    change = undefined
    const before = streamed
    streamed = []
    stream?.abort()
    const continues = resumes && lastId !== ''
    const since = now()
    if (!continues) for (const room of before) if (rooms.has(room)) events.rooms.down(room, since)
    if (rooms.size === 0) stream = new AbortController()
    else
      void open(() => {
        for (const room of streamed) events.rooms.up(room, continues && before.includes(room))
      })
  }

  return {
    dial(credentials) {
      token = credentials.token
      rooms = new Set(own === undefined ? credentials.rooms : [own])
      const recovered = resumes && (lastId !== '' || credentials.session !== undefined)
      lastId ||= credentials.session?.position ?? ''
      const opened = () => events.opened({ recovered, missed: [], ...(resumes && { session: SESSION }) })
      if (rooms.size > 0) return void open(opened)
      const idle = new AbortController()
      stream = idle
      queueMicrotask(() => stream === idle && opened())
    },
    drop: end,
    async release() {
      end()
      return resumes
    },
    hangUp: end,
    send: () => {},
    probe(done) {
      const silence = performance.now() - heardAt
      if (streamed.length === 0 || silence <= longestSilence) return done()
      longestSilence = silence
      answered = done
    },
    ...(own === undefined && {
      join(room: string) {
        if (streamed.includes(room)) {
          const current = stream
          return queueMicrotask(() => stream === current && events.rooms.up(room))
        }
        rooms.add(room)
        change ??= setTimeout(reopen, TOGETHER)
      },
      leave(room: string) {
        rooms.delete(room)
        if (resumes || rooms.size === 0) change ??= setTimeout(reopen, TOGETHER)
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
