import { PartylineError, type Reason } from '../../shared/errors'
import type { PanelRef } from '../../shared/names'
import type {
  AnyServed,
  PanelEvent,
  PanelOf,
  RestoredPanel,
  RoomOf,
  UntypedServed,
} from '../../shared/panel-types'
import type { Gap, ReloadOrder, RoomState, Status } from '../../shared/status'
import type { ToTab } from '../../shared/wire'
import { lineClosed } from '../failures'
import type { Host } from '../host/host'
import { createLine } from '../line/create-line'
import type { Line, LineEvents } from '../line/line'
import { nameOf } from '../line/panel-name'
import { createWorkerClock } from '../tab/worker-clock'
import { createFakeWorker } from './fake-worker'

export interface FakeLineOptions {
  /** Last values kept per room for who subscribes later, as in `serve`. @default 1 */
  readonly retain?: number
  /**
   * Whether the worker has answered hello. With `false` the line is `connecting`, and nothing is heard, until `ready()`
   * or `fail()`. @default true: `ready` is resolved, and the line `online`
   */
  readonly ready?: boolean
}

type Told<Event> = Event extends { readonly room: infer Room; readonly data: infer Data }
  ? {
      readonly room: Room
      readonly data: Data
      /** @default the room's name */
      readonly name?: string
      /** @default now */
      readonly at?: number
    }
  : never

/** An event of a panel, as a test tells of it. */
export type PushedEvent<S extends AnyServed, Panel> = Told<PanelEvent<S, Panel>>

/** The states of some rooms of a panel. */
export type RoomStates<S extends AnyServed, Panel> = { readonly [Room in RoomOf<S, Panel>]?: RoomState }

/**
 * A line, and what a test makes of it. The line is the real one; the worker behind it says what the test tells it to.
 *
 * What tells the line something returns a promise that resolves once the line has told its listeners. Such calls are
 * carried out in order, after what was subscribed to before them.
 */
export interface FakeLine<S extends AnyServed> {
  /** What the code under test gets. */
  readonly line: Line<S>
  /**
   * An event comes for a panel. The fake has no table of panels: the room is one of the panel's from then on, and `live`.
   * Every panel that has the room hears it. It is kept as the room's last value, also where nobody is subscribed yet.
   */
  push<const Panel extends PanelOf<S>>(panel: Panel, event: PushedEvent<S, Panel>): Promise<void>
  /** States of a panel's rooms. The panel's own is the worst of them; it is `joining` until a room of it was named. */
  setRooms<const Panel extends PanelOf<S>>(panel: Panel, states: RoomStates<S, Panel>): Promise<void>
  /**
   * Changes the status: what is left out stays, and of another state begins anew. Rooms that are `live` become `stale`
   * when the line is not `online` any more, and `live` again when it is.
   */
  setStatus(change: Partial<Status>): Promise<void>
  /** The server keeps a room of a panel: the room is `denied`, and the line emits that where it is subscribed to. */
  deny<const Panel extends PanelOf<S>>(panel: Panel, room: RoomOf<S, Panel>, reason?: string): Promise<void>
  /** Events of these rooms may be missing. @default of now, cause `link` */
  gap(gap: { readonly rooms: readonly RoomOf<S>[] } & Partial<Gap>): Promise<void>
  /** @default reason `broadcast` */
  reload(order?: Partial<ReloadOrder>): Promise<void>
  /** The line emits an error. */
  error(reason: Reason, message: string): Promise<void>
  /** The user signs out in another tab. */
  signOut(): Promise<void>
  /** The worker answers hello: `ready` resolves, and `restored` to these panels. For a line with `ready: false`. */
  ready(restored?: readonly RestoredPanel<S>[]): Promise<void>
  /** The worker cannot be started: `ready` rejects, the line is `offline` and emits the error. For a line with `ready: false`. */
  fail(reason: Reason, message: string): Promise<void>
  /** The panels that are subscribed to, each once. One that was let go of is in it until the next microtask. */
  panels(): readonly RestoredPanel<S>[]
  /** How many listeners `line.on` has of this event. */
  listeners(name: keyof LineEvents): number
}

const refOf = (panel: unknown) => [panel].flat() as unknown as PanelRef

/**
 * A line for tests, without a worker and without a socket. It runs wherever JavaScript does.
 *
 * ```ts
 * const { line, push } = createFakeLine<Dashboard>()
 * const { messages } = createErrorList(line)
 * await push('errors', { room: 'errors', data: { message: 'disk full' } })
 * ```
 */
export function createFakeLine<S extends AnyServed = UntypedServed>({
  retain = 1,
  ready: isReady = true,
}: FakeLineOptions = {}): FakeLine<S> {
  let isClosed = false
  const worker = createFakeWorker({
    retain,
    status: {
      state: isReady ? 'online' : 'connecting',
      since: Date.now(),
      attempt: 0,
      shared: true,
      persistent: true,
    },
    tell,
  })

  const host: Host = {
    start() {},
    retry() {},
    register() {},
    post() {},
    async call(name, ...args) {
      if (isClosed) throw lineClosed()
      const call = worker.calls[name] as (...given: typeof args) => never
      return call(...args)
    },
    async close() {},
  }
  const core = createLine<S>({
    host,
    memory: { read: () => ({}), keep: () => true },
    seen: { claim: () => ({ had: [], lead: undefined }), add() {}, ids: () => [], save() {} },
    clock: createWorkerClock(),
    token: undefined,
    leave() {
      isClosed = true
    },
    announceSignOut() {},
    forget() {},
  })
  const { line } = core

  function tell(message: ToTab) {
    if (!isClosed) core.message(message)
  }

  function welcome(restored: readonly unknown[] = []) {
    core.up('fake')
    tell({ type: 'restored', panels: restored.map(refOf) })
  }

  /** In order, and after what was subscribed to before: that is told in a microtask of its own. */
  async function say(act: () => void) {
    await null
    act()
  }

  const counts = new Map<keyof LineEvents, number>()
  const { on } = line
  line.on = (name, listener) => {
    const count = (change: number) => counts.set(name, (counts.get(name) ?? 0) + change)
    const stop = on(name, listener)
    let isOn = true
    count(1)
    return () => {
      if (isOn) count(-1)
      isOn = false
      stop()
    }
  }

  if (isReady) {
    welcome()
    worker.setStatus({})
  }

  return {
    line,
    push: (panel, event) => say(() => worker.push(refOf(panel), event)),
    setRooms: (panel, states) => say(() => worker.setRooms(refOf(panel), states)),
    setStatus: (change) => say(() => worker.setStatus(change)),
    deny: (panel, room, reason = 'forbidden') => say(() => worker.deny(refOf(panel), room, reason)),
    gap: (gap) =>
      say(() => tell({ type: 'gap', gap: { from: Date.now(), to: Date.now(), cause: 'link', ...gap } })),
    reload: (order) => say(() => tell({ type: 'reload', order: { reason: 'broadcast', ...order } })),
    error: (reason, message) =>
      say(() => tell({ type: 'error', error: { name: 'PartylineError', reason, message } })),
    signOut: () => say(() => tell({ type: 'signout' })),
    ready: (restored) => say(() => welcome(restored)),
    fail: (reason, message) => say(() => core.down(new PartylineError(reason, message))),
    panels: () => worker.panels().map(nameOf) as unknown as readonly RestoredPanel<S>[],
    listeners: (name) => counts.get(name) ?? 0,
  }
}
