import type { PanelStatus, RoomState, Status } from 'partyline'
import { KIND, nameOf, paramOf } from '../address.ts'
import type { Source, SourceEvent } from '../source.ts'
import type { CreateWire } from './wire.ts'

/**
 * The usual way without Partyline: sockets per tab, a token that is fetched when the page loads, and a reconnection that
 * knows neither gaps nor new tokens.
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

const loadWire = async (): Promise<CreateWire> =>
  (await (KIND === 'websocket' ? import('./websocket.ts') : import('./socket-io.ts'))).createWire

export async function connectPerTab(): Promise<Source> {
  const [createWire, response] = await Promise.all([
    loadWire(),
    fetch('/api/token/refresh', { method: 'POST' }),
  ])
  const { token } = await response.json()
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
  let listener: ((event: SourceEvent) => void) | undefined
  const denied = new Set<string>()

  function setState(state: Status['state']) {
    if (status.state === state) return
    status = { ...status, state, since: Date.now() }
    for (const each of listeners) each(status)
  }

  const wire = createWire(token, {
    onState: (isOpen) => setState(isOpen ? 'online' : 'offline'),
    onUpdate(room, data) {
      if (!rooms.includes(room)) return
      lastAt = Date.now()
      listener?.({ room, data, at: lastAt, replayed: false })
    },
    onDenied: (room) => denied.add(room),
  })

  return {
    subscribe(panel, onEvent: (event: SourceEvent) => void) {
      rooms = nameOf(panel) === 'workflow' ? [`adw-state/${paramOf(panel)}`] : (ROOMS[nameOf(panel)] ?? [])
      lastAt = undefined
      listener = onEvent
      for (const room of rooms) wire.join(room)
      return () => {
        for (const room of rooms) wire.leave(room)
        rooms = []
        listener = undefined
      }
    },
    // One signature for both events: `never`, because the listener's argument depends on `name`.
    on(name: 'status' | 'gap', onEvent: (argument: never) => void) {
      // Nothing reports gaps here.
      if (name === 'gap') return () => {}
      listeners.add(onEvent as (status: Status) => void)
      return () => listeners.delete(onEvent as (status: Status) => void)
    },
    get status() {
      return status
    },
    panel(): PanelStatus {
      const isDenied = rooms.some((room) => denied.has(room))
      const state: RoomState = isDenied ? 'denied' : status.state === 'online' ? 'live' : 'stale'
      return {
        state,
        rooms: Object.fromEntries(rooms.map((room) => [room, state])),
        since: status.since,
        ...(lastAt !== undefined && { lastAt }),
      }
    },
  }
}
