import type { Message } from '../../dialect/dialect'
import { messageOf } from '../../thrown'
import type { Credentials, Link, LinkEvents, Loss } from '../link'
import { addressOf, type TokenPlace } from './address'
import { type Decode, framesIn } from './frames'
import { ask } from './reachability'

export interface Ping {
  /** ms between two pings. */
  readonly every: number
  /** What is sent. */
  readonly message: unknown
}

export interface WebSocketSettings {
  readonly url: string
  readonly protocols: readonly string[]
  readonly tokenIn: TokenPlace
  readonly decode: Decode
  readonly encode: (message: Message) => string | ArrayBuffer
  /** The close codes that refuse the user. */
  readonly refusals: readonly number[]
  /** The frame that sends the token, and whether a frame says that it is accepted; for `tokenIn: 'message'`. */
  readonly login: (token: string) => Message
  readonly isAccepted: (name: string) => boolean
  readonly ping: Ping | undefined
  /** An address that answers 401 or 403 to a user whom the server refuses. */
  readonly probe: string | undefined
  /** A frame could not be read. */
  readonly unreadable: (why: string) => void
}

/** After so many attempts in a row that could not be opened, the server is asked over HTTP first: browsers delay WebSockets that fail. */
const TRIES = 3

/** The link to a plain WebSocket server, with one connection for all rooms. Such a server recovers no session. */
export function createLink(settings: WebSocketSettings, events: LinkEvents): Link {
  const { probe } = settings
  let socket: WebSocket | undefined
  let isOpen = false
  /** How many attempts in a row could not be opened. */
  let failures = 0
  let pings: ReturnType<typeof setInterval> | undefined
  let heardAt = 0
  /** The longest time between two messages so far, in ms: a silence that long is usual. */
  let longestSilence = 0
  let answered = () => {}

  /** Ends the connection or attempt, and hears nothing of it any more. Waiting for its `close` event may take a minute. */
  function end() {
    clearInterval(pings)
    isOpen = false
    const last = socket
    socket = undefined
    if (!last) return
    last.onopen = last.onmessage = last.onclose = null
    last.close()
  }

  function lose(loss: Loss) {
    end()
    events.lost(loss)
  }

  function open() {
    failures = 0
    isOpen = true
    heardAt = performance.now()
    longestSilence = 0
    const { ping } = settings
    if (ping) pings = setInterval(() => send(JSON.stringify(ping.message)), ping.every)
    events.opened({ recovered: false, missed: [] })
  }

  function send(data: string | ArrayBuffer) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(data)
  }

  function hear(data: string | ArrayBuffer) {
    longestSilence = Math.max(longestSilence, performance.now() - heardAt)
    heardAt = performance.now()
    answered()
    try {
      for (const frame of framesIn(data, settings.decode)) {
        if (isOpen) events.message(frame)
        else if (settings.isAccepted(frame.name)) open()
      }
    } catch (error) {
      if (isOpen) events.alive()
      settings.unreadable(messageOf(error))
    }
  }

  function lossOf({ code, reason }: CloseEvent): Loss {
    const text = `closed with ${code}${reason && `: ${reason}`}`
    const isRefusal = settings.refusals.includes(code)
    return {
      reason: text,
      ...(isRefusal && { rejection: { message: reason || text, data: { status: 401 } } }),
    }
  }

  /** An attempt could not be opened: asks over HTTP whether the server refuses the user. */
  async function explain(current: WebSocket, event: CloseEvent) {
    failures += 1
    const found = probe === undefined ? undefined : await ask(probe)
    if (socket !== current) return
    if (found?.is === 'refused') return lose({ reason: found.rejection.message, rejection: found.rejection })
    lose(lossOf(event))
  }

  function connect({ token }: Credentials) {
    const { url, protocols } = addressOf(settings.url, settings.protocols, settings.tokenIn, token)
    const current = new WebSocket(url, [...protocols])
    socket = current
    current.binaryType = 'arraybuffer'
    current.onopen = () => {
      if (settings.tokenIn === 'message' && token !== undefined) send(settings.encode(settings.login(token)))
      else open()
    }
    current.onmessage = ({ data }) => hear(data)
    current.onclose = (event) => {
      const wasAccepted = event.code !== 1006 || isOpen
      if (wasAccepted) lose(lossOf(event))
      else void explain(current, event)
    }
  }

  let attempt = 0

  return {
    async dial(credentials) {
      attempt += 1
      const own = attempt
      try {
        if (probe !== undefined && failures >= TRIES) {
          const found = await ask(probe)
          if (own !== attempt) return
          if (found.is === 'refused')
            return events.lost({ reason: found.rejection.message, rejection: found.rejection })
          if (found.is === 'away') return events.lost({ reason: 'The server does not answer over HTTP.' })
        }
        connect(credentials)
      } catch (error) {
        if (own === attempt) events.lost({ reason: messageOf(error) })
      }
    },
    drop() {
      attempt += 1
      end()
    },
    async release() {
      attempt += 1
      end()
      return false
    },
    hangUp() {
      attempt += 1
      end()
    },
    send: (message) => send(settings.encode(message)),
    probe(done) {
      const { ping } = settings
      // Without a ping, only a silence that is longer than any before says something.
      if (!ping && performance.now() - heardAt <= longestSilence) return done()
      answered = () => {
        answered = () => {}
        done()
      }
      if (ping) send(JSON.stringify(ping.message))
    },
  }
}
