import type { Manager } from 'socket.io-client'
import * as parser from 'socket.io-parser'

/**
 * What is used of Socket.IO beyond its documents. Everything of that kind is here, each item has a name, and a test of
 * its own in `test/unit/internals.test.ts`, which says what an upgrade has changed. So socket.io-client is held to `~4.8`.
 */

/** A packet that remembers what it was on the wire. */
export interface Raw extends parser.Packet {
  /** Its length, in characters and bytes. */
  size?: number
  /** All of it, where it is text alone. */
  text?: string
}

/** The decoder is a class that may be extended. It is given one part of a packet at a time, and emits `decoded` in the same call. */
class RememberingDecoder extends parser.Decoder {
  private size = 0
  private text: string | undefined

  constructor() {
    super()
    this.on('decoded', (packet: Raw) => {
      packet.size = this.size
      if (this.text !== undefined) packet.text = this.text
      this.size = 0
    })
  }

  override add(part: unknown) {
    this.size += typeof part === 'string' ? part.length : ((part as Partial<ArrayBuffer>).byteLength ?? 0)
    this.text = typeof part === 'string' ? part : undefined
    super.add(part)
  }
}

/** Socket.IO's parser, whose packets remember what they were. */
export const rememberingParser = { ...parser, Decoder: RememberingDecoder }

export interface PacketEvents {
  /** The handshake succeeded. The session's name, where the server can go on with it. */
  connected(session: string | undefined): void
  event(packet: Raw): void
}

/**
 * The manager emits `packet` for each packet, and those who listened first are told first: before the socket itself. The packet of
 * a handshake names the session as `pid`. A server that goes on with a session sends what was missed before that packet.
 */
export function onPacket(manager: Manager, namespace: string, { connected, event }: PacketEvents): void {
  manager.on('packet', (packet: Raw) => {
    if (packet.nsp !== namespace) return
    if (packet.type === parser.PacketType.CONNECT) connected(packet.data?.pid)
    if (packet.type === parser.PacketType.EVENT) event(packet)
  })
}

/** An event that asks for an acknowledgement has no position, as a volatile one. */
export const mayHavePosition = ({ id }: Raw): boolean => id === undefined

/** What a handshake's `auth` asks a session back with. It goes before what the client itself remembers, also where it is `undefined`. */
export const resumption = (session: { readonly id: string; readonly position: string } | undefined) => ({
  pid: session?.id,
  offset: session?.position,
})

/** The manager reads its options anew for each connection. */
export function dialOver(manager: Manager, transports: string[]): void {
  manager.opts.transports = transports
}

/** What carries the connection, or the attempt, now. */
export const transportOf = (manager: Manager): string => manager.engine.transport.name

/** Calls once the engine has changed from polling to a WebSocket, or could not; unless it was closed, at the latest after so many ms. */
export function afterUpgrade({ engine }: Manager, ms: number, act: () => void): void {
  const timer = setTimeout(go, ms)
  function go() {
    clearTimeout(timer)
    engine.off('upgrade', go).off('upgradeError', go)
    if (engine.readyState === 'open') act()
  }
  engine.on('upgrade', go).on('upgradeError', go)
}

/** Closes what carries the connection. The socket's goodbye, which would end the session, is not sent any more after that. */
export function cut({ engine }: Manager): void {
  engine?.close()
}

/** A namespace that does not exist: each server turns it down at once, over the connection in question, which goes on. */
export function probe(manager: Manager, answered: () => void): void {
  const socket = manager.socket('/partyline-probe')
  const done = () => {
    socket.disconnect()
    answered()
  }
  socket.once('connect', done).once('connect_error', done).connect()
}

/** Errors of the transport have an HTTP status as their `description`. Those of the server have `data`, be it `undefined`. */
export interface ConnectError extends Error {
  readonly description?: unknown
  readonly data?: unknown
}
