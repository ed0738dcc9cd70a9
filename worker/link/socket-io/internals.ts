import type { Manager, Socket } from 'socket.io-client'
import * as parser from 'socket.io-parser'

/**
 * Everything that relies on Socket.IO beyond its documentation. Each export has its own test in
 * `test/unit/worker/link/socket-io/internals.test.ts`, which fails with what an upgrade has changed. Because of this file,
 * socket.io-client is pinned to `~4.8`.
 */

/** A packet with its form on the wire. */
export interface Raw extends parser.Packet {
  /** Its length, in characters and bytes. */
  size?: number
  /** The whole packet, where it is text alone. */
  text?: string
}

/** Socket.IO's decoder is a class. It gets the parts of a packet one by one, and emits `decoded` within the call of the last. */
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

/** Socket.IO's parser, with packets that have their text and size. */
export const rememberingParser = { ...parser, Decoder: RememberingDecoder }

export interface PacketEvents {
  /** The handshake succeeded. `session` is the session's id, where the server can recover it. */
  connected(session: string | undefined): void
  event(packet: Raw): void
}

/**
 * The manager emits `packet` for each packet, and calls the listeners in the order they were added: this one before the socket's.
 * The packet of a handshake has the session's id as `pid`. A server that recovers a session sends the missed events before it.
 */
export function onPacket(manager: Manager, namespace: string, { connected, event }: PacketEvents): void {
  manager.on('packet', (packet: Raw) => {
    if (packet.nsp !== namespace) return
    if (packet.type === parser.PacketType.CONNECT) connected(packet.data?.pid)
    if (packet.type === parser.PacketType.EVENT) event(packet)
  })
}

/** An event that asks for an acknowledgement has no position. A volatile one has none either, but cannot be told apart. */
export const mayHavePosition = ({ id }: Raw): boolean => id === undefined

/** The part of `auth` that asks for a session's recovery. It overrides what the client itself remembers, even with `undefined`. */
export const resumption = (session: { readonly id: string; readonly position: string } | undefined) => ({
  pid: session?.id,
  offset: session?.position,
})

/** Sets the transports of the next connection: the manager reads its options each time. */
export function dialOver(manager: Manager, transports: string[]): void {
  manager.opts.transports = transports
}

/** Drops the callback of the acknowledgement that was asked for `most` acknowledgements ago, before another one is asked for. */
export function forgetOldest(socket: Socket, most: number): void {
  const { acks, ids } = socket as unknown as { acks: Record<number, unknown>; ids: number }
  delete acks[ids - most]
}

/** Forgets messages that wait for a connection: the app has been told that they were not answered. */
export function forgetUnsent(socket: Socket): void {
  socket.sendBuffer = []
}

/** Whether the server has been silent for too long: the client notices, keeps messages for the next connection, and ends this one. */
export const isOverdue = ({ engine }: Manager): boolean => engine._hasPingExpired()

/** The name of the transport that the connection, or the attempt, uses now. */
export const transportOf = (manager: Manager): string => manager.engine.transport.name

/** Calls `act` once the engine has changed from polling to a WebSocket, or has failed to, or after `ms`; never if it was closed. */
export function afterUpgrade({ engine }: Manager, ms: number, act: () => void): void {
  const timer = setTimeout(go, ms)
  function go() {
    clearTimeout(timer)
    engine.off('upgrade', go).off('upgradeError', go)
    if (engine.readyState === 'open') act()
  }
  engine.on('upgrade', go).on('upgradeError', go)
}

/** Closes the transport. After that, the socket cannot send the DISCONNECT packet, which would end the session. */
export function cut({ engine }: Manager): void {
  engine?.close()
}

/**
 * Resolves to `true` once the WebSocket, which is about to be closed, has closed: the server has answered. Resolves to
 * `false` after `ms`, and for another transport.
 */
export const closed = ({ engine }: Manager, ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const { ws } = engine.transport as { readonly ws?: WebSocket | null }
    ws?.addEventListener('close', () => resolve(true))
    setTimeout(resolve, ws ? ms : 0, false)
  })

/**
 * Connects to a namespace that does not exist: each server rejects it at once, on the same connection, which stays open. If the
 * connection ends before, the manager would ask on the next one, so the probe ends with it.
 */
export function probe(manager: Manager, answered: () => void): void {
  const socket = manager.socket('/partyline-probe')
  function end() {
    manager.off('close', end)
    socket.off('connect', done).off('connect_error', done).disconnect()
  }
  function done() {
    end()
    answered()
  }
  manager.on('close', end)
  socket.on('connect', done).on('connect_error', done).connect()
}

/** An error of the transport may have an HTTP status as `description`. One of the server has a field `data`, even if `undefined`. */
export interface ConnectError extends Error {
  readonly description?: unknown
  readonly data?: unknown
}
