import { isObject } from '../../checks'
import { atMost } from '../../deadline'
import type { Message } from '../../dialect/dialect'
import { messageOf } from '../../thrown'
import type { Arrival, Link, LinkEvents, Loss, Outgoing } from '../link'
import type { Reachability } from '../reachability'
import { addressOf, type TokenPlace } from './address'
import { type Decode, framesIn } from './frames'
import { type Probe, refusal } from './refusal'

export interface Ping {
  /** ms between two pings. */
  readonly every: number
  /** What is sent: a string as it is, anything else as JSON. */
  readonly message: unknown
  /** The type of the frame that answers it, which no tab gets. @default any frame */
  readonly answer?: string
}

/**
 * What a frame means to the link itself:
 * - `accepted`: the server has accepted the user, so the link is open
 * - `alive`: it only shows that the server is there
 * - a loss: the server is about to end the connection, or has refused the user
 * - messages: to be handled in its place
 */
export type Control = 'accepted' | 'alive' | Loss | readonly Arrival[]

/** Answers a frame. */
export type Reply = (message: Message) => void

export interface WebSocketSettings {
  /** Returns the server's address. May throw. */
  readonly url: () => string
  readonly protocols: readonly string[]
  readonly tokenIn: TokenPlace
  readonly decode: Decode
  readonly encode: (message: Outgoing) => string | ArrayBuffer
  /** The close codes that refuse the user. */
  readonly refusals: readonly number[]
  /** The close codes after which nothing is tried any more. */
  readonly final: readonly number[]
  readonly ping?: Ping | undefined
  readonly probe?: Probe | undefined
  readonly createReachability: () => Reachability
  /** Returns what sends the token, where that is the first message. */
  readonly login?: (token: string) => string
  /** Whether the link is open only once a frame says so. */
  readonly isGreeted: boolean
  /** Reads a frame that is for the link. `undefined`: it is a message. */
  readonly control: (frame: Arrival, reply: Reply) => Control | undefined
  /** Forgets what the server could continue: the user may be another one from now on. */
  readonly forget?: () => void
  /** The room whose own connection this is. */
  readonly room?: string
}

/** A connection that ends this soon after it was opened, in ms, may be one of a user whom the server refuses. */
const EARLY = 2000
/** A shorter silence, in ms, is usual. */
const USUAL = 10_000
/** The code of a connection that ended without a close frame. */
const BROKEN = 1006
/** How long to wait for the end of a connection that is handed over, in ms. */
const CLOSE = 1000
/** A server that says why in a last frame closes the connection within this time, in ms. */
const JUST_BEFORE = 1000
const LAST_WORDS = /error|unauthori[sz]ed|forbidden|refused|denied/i

/** The link to a WebSocket server. Such a server recovers no session. */
export function createLink(settings: WebSocketSettings, events: LinkEvents): Link {
  const { probe, ping } = settings
  const reachability = settings.createReachability()
  let socket: WebSocket | undefined
  let token: string | undefined
  let isOpen = false
  let openedAt = 0
  let pings: ReturnType<typeof setInterval> | undefined
  let heardAt = 0
  /** The longest time between two messages so far, in ms. */
  let longestSilence = USUAL
  let lastFrame: Arrival | undefined
  let answered = () => {}
  let attempt = 0

  /** Ends the connection or attempt, and hears nothing of it any more. Waiting for its `close` event may take a minute. */
  function end() {
    attempt += 1
    clearInterval(pings)
    isOpen = false
    answered = () => {}
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

  /** Returns whether it has left. */
  function send(data: string | ArrayBuffer): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false
    socket.send(data)
    return true
  }

  function sendPing() {
    const message = ping?.message
    send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  function open() {
    isOpen = true
    openedAt = performance.now()
    if (ping) pings = setInterval(sendPing, ping.every)
    events.opened({ recovered: false, missed: [] })
  }

  const isList = (control: Control | undefined): control is readonly Arrival[] => Array.isArray(control)
  const reply: Reply = (message) => send(settings.encode(message))

  function take(frame: Arrival) {
    lastFrame = frame
    const control = settings.control(frame, reply)
    if (typeof control === 'object' && !isList(control)) return lose(control)
    if (control === 'accepted' && !isOpen) return open()
    if (!isOpen) return
    if (!ping?.answer || frame.name === ping.answer) {
      answered()
      answered = () => {}
    }
    if (isList(control)) return control.forEach(events.message)
    if (control !== undefined || (ping?.answer !== undefined && frame.name === ping.answer)) events.alive()
    else events.message(frame)
  }

  function hear(data: string | ArrayBuffer) {
    if (events.isStale?.()) return
    const own = socket
    longestSilence = Math.max(longestSilence, performance.now() - heardAt)
    heardAt = performance.now()
    let frames: readonly Arrival[] = []
    try {
      frames = framesIn(data, settings.decode, settings.room)
    } catch (error) {
      if (isOpen) events.unreadable(messageOf(error))
    }
    if (isOpen && frames.length === 0) events.alive()
    // A frame may end the connection.
    for (const frame of frames) if (socket === own) take(frame)
  }

  /** What the server has said by its close code, together with its last frame. */
  function lossOf({ code, reason: said }: CloseEvent): Loss {
    const reason = `closed with ${code}${said && `: ${said}`}`
    if (settings.final.includes(code)) return { reason, isFinal: true }
    if (settings.refusals.includes(code))
      return { reason, rejection: { message: said || reason, data: { status: 401 } } }
    const { name = '', payload } = lastFrame ?? {}
    // A frame that names a room is not about the user. Nor is one that came before a connection that broke.
    const isOfRoom = isObject(payload) && payload['room'] !== undefined
    const isLate = performance.now() - heardAt > JUST_BEFORE
    if (isOfRoom || isLate || code === BROKEN || !LAST_WORDS.test(name)) return { reason }
    const words = isObject(payload) ? [payload['reason'], payload['message'], name] : [name]
    const message = String(words.find((word) => typeof word === 'string'))
    return { reason: `${reason}, after "${message}"`, rejection: { message, data: payload } }
  }

  /** The connection ended without a word. Asks over HTTP whether the server refuses the user. */
  async function explain(current: WebSocket, loss: Loss, wasConnected: boolean) {
    const refused = probe && (await refusal(probe, token, settings.room))
    // A server that refuses the user is there, and may accept the next token.
    if (!refused && !wasConnected) reachability.failed()
    if (socket === current) lose(refused ?? loss)
  }

  function logIn(login: (token: string) => string, own: string) {
    try {
      send(login(own))
    } catch (error) {
      lose({ reason: messageOf(error) })
    }
  }

  function connect(to: string) {
    const { url, protocols } = addressOf(to, settings.protocols, settings.tokenIn, token)
    const current = new WebSocket(url, [...protocols])
    socket = current
    lastFrame = undefined
    let isConnected = false
    current.binaryType = 'arraybuffer'
    current.onopen = () => {
      isConnected = true
      reachability.opened()
      heardAt = performance.now()
      if (settings.login && token !== undefined) logIn(settings.login, token)
      else if (!settings.isGreeted) open()
    }
    current.onmessage = ({ data }) => hear(data)
    current.onclose = (event) => {
      const loss = lossOf(event)
      const isSettled = isOpen && performance.now() - openedAt > EARLY
      isOpen = false
      if (isSettled || loss.rejection || loss.isFinal) lose(loss)
      else void explain(current, loss, isConnected)
    }
  }

  return {
    async dial(credentials) {
      const own = ++attempt
      token = credentials.token
      try {
        const url = settings.url()
        const obstacle = await reachability.obstacle(url, probe && (() => probe(token, settings.room)))
        if (own !== attempt || events.isStale?.()) return
        if (obstacle) events.lost(obstacle)
        else connect(url)
      } catch (error) {
        if (own === attempt) events.lost({ reason: messageOf(error) })
      }
    },
    drop() {
      if (socket?.readyState === WebSocket.CONNECTING) reachability.failed()
      end()
    },
    async release() {
      const last = socket
      end()
      // Firefox may open the next worker's connection before this one has ended.
      if (last)
        await atMost(
          CLOSE,
          new Promise((closed) => {
            last.onclose = closed
          }),
        )
      return false
    },
    hangUp() {
      end()
      settings.forget?.()
    },
    send: (message) => isOpen && send(settings.encode(message)),
    probe(done) {
      const silence = performance.now() - heardAt
      // It has just ended, and the server is asked why.
      if (!isOpen) return done()
      if (ping) {
        answered = done
        sendPing()
      } else if (silence <= longestSilence) {
        done()
      } else {
        // If another connection is as silent, this silence is usual.
        longestSilence = silence
        answered = done
      }
    },
  }
}
