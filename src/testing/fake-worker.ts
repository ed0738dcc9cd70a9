import { keyOf, type PanelRef } from '../../shared/names'
import type { RoomState, Status } from '../../shared/status'
import type { Switchboard } from '../../shared/switchboard'
import type { Brief, RoomReport, ToTab } from '../../shared/wire'
import { snapshotOf } from './snapshot'

interface Room {
  readonly state: RoomState
  readonly since: number
  readonly reason?: string
}

/** A panel that the page is subscribed to, and the call that asked for it. */
interface Watch {
  readonly ref: PanelRef
  readonly call: number
}

/** An event, as a test tells of it. */
export interface Sent {
  readonly room: string
  readonly name?: string
  readonly data: unknown
  readonly at?: number
}

export interface FakeWorkerParts {
  /** Last values kept per room. */
  readonly retain: number
  readonly status: Status
  /** Posts to the page. */
  readonly tell: (message: ToTab) => void
}

/** What a line asks of a worker, and what a test makes that worker say. */
export interface FakeWorker {
  readonly calls: Switchboard
  /** The panels that the page is subscribed to. */
  panels(): readonly PanelRef[]
  setStatus(change: Partial<Status>): void
  setRooms(ref: PanelRef, states: Readonly<Partial<Record<string, RoomState>>>): void
  deny(ref: PanelRef, room: string, reason: string): void
  push(ref: PanelRef, event: Sent): void
}

/**
 * A worker without a worker: it carries out what a line asks, and says what a test tells it to. It has no table, so a
 * panel has the rooms that were named with it.
 */
export function createFakeWorker({ retain, tell, ...parts }: FakeWorkerParts): FakeWorker {
  const startedAt = Date.now()
  const rooms = new Map<string, Room>()
  /** The rooms of each panel, by the panel's key. */
  const table = new Map<string, Set<string>>()
  const watches = new Map<string, Watch>()
  let { status } = parts
  let lasts: readonly Brief[] = []
  let sent = 0

  const roomsOf = (ref: PanelRef): readonly string[] => [...(table.get(keyOf(ref)) ?? [])]
  const panels = () => [...watches.values()].map(({ ref }) => ref)
  const isWanted = (room: string) => panels().some((ref) => roomsOf(ref).includes(room))
  const reportsOf = (names: readonly string[]): readonly RoomReport[] =>
    names.flatMap((name) => {
      const room = rooms.get(name)
      return room ? [[name, room.state, room.since] as const] : []
    })

  function open({ ref, call }: Watch, kept: readonly Brief[]) {
    const reports = reportsOf(roomsOf(ref))
    tell({ type: 'opened', panel: ref, call, rooms: reports, replays: kept.length, events: kept })
  }

  function turn(name: string, state: RoomState, reason = '') {
    const before = rooms.get(name)
    const since = before?.state === state ? before.since : Date.now()
    rooms.set(name, { state, since, ...(state === 'denied' && { reason }) })
    if (before) tell({ type: 'rooms', rooms: reportsOf([name]) })
  }

  /** The panel has this room from now on. */
  function name(ref: PanelRef, room: string) {
    const known = table.get(keyOf(ref)) ?? new Set()
    table.set(keyOf(ref), known)
    if (known.has(room)) return
    known.add(room)
    // A page that shows the panel hears once more which rooms it has.
    const watch = watches.get(keyOf(ref))
    if (watch) open(watch, [])
  }

  function tellDenial(room: string) {
    const { state, reason = '' } = rooms.get(room) ?? {}
    if (state === 'denied') tell({ type: 'denied', room, reason })
  }

  function setStatus({ state = status.state, ...change }: Partial<Status>) {
    const { shared, persistent } = status
    const isTurn = state !== status.state
    status = {
      ...(isTurn ? { since: Date.now(), attempt: 0, shared, persistent } : status),
      ...change,
      state,
    }
    tell({ type: 'status', status })
    if (!isTurn) return
    // Nothing is live without a connection, and what was live is so again with the next one.
    const [from, to] = state === 'online' ? (['stale', 'live'] as const) : (['live', 'stale'] as const)
    for (const [room, was] of rooms) if (was.state === from) turn(room, to)
  }

  return {
    panels,
    setStatus,
    setRooms(ref, states) {
      for (const [room, state] of Object.entries(states)) {
        if (state === undefined) continue
        turn(room, state)
        name(ref, room)
      }
    },
    deny(ref, room, reason) {
      turn(room, 'denied', reason)
      name(ref, room)
      if (isWanted(room)) tellDenial(room)
    },
    push(ref, { room, name: event = room, data, at = Date.now() }) {
      const { state = 'joining' } = rooms.get(room) ?? {}
      // Who hears from a room is in it.
      if (state === 'joining') turn(room, 'live')
      name(ref, room)
      sent += 1
      const brief: Brief = [sent, room, event, at, data]
      const own = [...lasts.filter((last) => last[1] === room), brief]
      const tooOld = own.slice(0, Math.max(0, own.length - retain))
      lasts = [...lasts, brief].filter((last) => !tooOld.includes(last))
      if (isWanted(room)) tell({ type: 'events', events: [brief] })
    },
    calls: {
      async hello() {
        return { incarnation: 'fake' }
      },
      async subscribe(ref, call = 0) {
        const watch = { ref, call }
        watches.set(keyOf(ref), watch)
        const names = roomsOf(ref)
        open(
          watch,
          lasts.filter(([, room]) => names.includes(room)),
        )
        for (const room of names) tellDenial(room)
      },
      async unsubscribe(ref) {
        watches.delete(keyOf(ref))
      },
      retry() {},
      disconnect: () => setStatus({ state: 'paused' }),
      connect() {
        if (status.state === 'paused') setStatus({ state: 'connecting' })
      },
      inspect: () =>
        snapshotOf(
          startedAt,
          status,
          panels(),
          [...rooms].map(([room, found]) => ({ room, wanted: isWanted(room) ? 1 : 0, ...found })),
        ),
      ping: () => 'fake',
      async signOut() {
        tell({ type: 'signout' })
      },
      async leave() {},
    },
  }
}
