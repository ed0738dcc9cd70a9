import type { PanelStatus, RoomState, Status } from 'partyline'
import { io } from 'socket.io-client'
import { nameOf, paramOf } from './address.ts'
import type { Source, SourceEvent } from './source.ts'

/**
 * The usual way without Partyline: a socket per tab, a token that is fetched when the page loads, socket.io-client's own
 * reconnection, and the panel's rooms joined again after each connect.
 */

const ROOMS: Readonly<Record<string, readonly string[]>> = {
  overview: ['stats', 'activity'],
  errors: ['errors', 'stats'],
  tmux: ['tmux'],
  queue: ['queue', 'stats'],
  nodes: ['nodes'],
  features: ['stats'],
  bugs: ['stats'],
  vault: ['vault'],
}

export async function connectPerTab(): Promise<Source> {
  const response = await fetch('/api/token/refresh', { method: 'POST' })
  const { token } = await response.json()
  const socket = io({ auth: { token }, query: { by: 'per-tab' } })
  const listeners = new Set<(status: Status) => void>()
  let status: Status = {
    state: 'connecting',
    since: Date.now(),
    attempt: 0,
    shared: false,
    persistent: false,
  }
  let rooms: readonly string[] = []
  let lastAt: number | undefined
  const denied = new Set<string>()

  function setState(state: Status['state']) {
    status = { ...status, state, since: Date.now() }
    for (const listener of listeners) listener(status)
  }
  function join() {
    for (const room of rooms)
      socket.emit(
        'join_room',
        { room },
        (answer: { error?: string }) => answer.error !== undefined && denied.add(room),
      )
  }

  socket.on('connect', () => {
    setState('online')
    join()
  })
  socket.on('disconnect', () => setState('offline'))
  socket.on('connect_error', () => setState('offline'))

  return {
    subscribe(panel, listener: (event: SourceEvent) => void) {
      rooms = nameOf(panel) === 'workflow' ? [`adw-state/${paramOf(panel)}`] : (ROOMS[nameOf(panel)] ?? [])
      lastAt = undefined
      if (socket.connected) join()
      const onUpdate = ({ room, data }: { room: string; data: unknown }) => {
        if (!rooms.includes(room)) return
        lastAt = Date.now()
        listener({ room, data, at: lastAt, replayed: false })
      }
      socket.on('update', onUpdate)
      return () => socket.off('update', onUpdate)
    },
    // One signature for both events: `never`, because the listener's argument depends on `name`.
    on(name: 'status' | 'gap', listener: (argument: never) => void) {
      // Nothing reports gaps here.
      if (name === 'gap') return () => {}
      listeners.add(listener as (status: Status) => void)
      return () => listeners.delete(listener as (status: Status) => void)
    },
    get status() {
      return status
    },
    panel(): PanelStatus {
      const state: RoomState =
        status.state === 'online' ? (rooms.some((room) => denied.has(room)) ? 'denied' : 'live') : 'stale'
      return {
        state,
        rooms: Object.fromEntries(rooms.map((room) => [room, state])),
        since: status.since,
        ...(lastAt !== undefined && { lastAt }),
      }
    },
  }
}
