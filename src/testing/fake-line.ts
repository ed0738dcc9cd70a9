import { PartylineError, type Reason } from '../../shared/errors'
import type {
  AnyServed,
  PanelEvent,
  PanelOf,
  RestoredPanel,
  RoomOf,
  SendAnswer,
  SendName,
  SendPayload,
  UntypedServed,
} from '../../shared/panel-types'
import type { Gap, ReloadOrder, RoomState, Status } from '../../shared/status'
import type { ToTab } from '../../shared/wire'
import { lineClosed } from '../failures'
import type { Host } from '../host/host'
import { createLine } from '../line/create-line'
import type { Line, LineEvents } from '../line/line'
import { nameOf, type PanelName, refOf } from '../line/panel-name'
import { createWorkerClock } from '../tab/worker-clock'
import { createFakeWorker } from './fake-worker'

/** The options of `createFakeLine`. */
export interface FakeLineOptions {
  /** How many last values to keep per room for later subscribers, as in `serve`. @default 1 */
  readonly retain?: number
  /**
   * Whether the line's worker has answered. With `true` `line.ready` is resolved and the line is `online`. With `false` the
   * line is `connecting`, and listeners get nothing, until `ready()` or `fail()`.
   *
   * @default true
   */
  readonly ready?: boolean
}

/** Of an event as a listener gets it: the fields that a test gives. */
type FieldsToPush<Event> = Event extends { readonly room: infer Room; readonly data: infer Data }
  ? {
      readonly room: Room
      readonly data: Data
      /** @default the room's name */
      readonly name?: string
      /** @default now */
      readonly at?: number
    }
  : never

/** An event of a panel, as a test passes it to `push`. */
export type PushedEvent<S extends AnyServed, Panel> = FieldsToPush<PanelEvent<S, Panel>>

/** A message that the code under test has sent. */
export type SentBy<S extends AnyServed> = {
  [Name in SendName<S>]: { readonly name: Name; readonly payload: SendPayload<S, Name> }
}[SendName<S>]

/** The states of some rooms of a panel, as a test passes them to `setRooms`. */
export type RoomStates<S extends AnyServed, Panel> = { readonly [Room in RoomOf<S, Panel>]?: RoomState }

/**
 * A line for tests, and the calls that make something happen to it. The line is the real one; the worker behind it is a
 * fake that does what the test says.
 *
 * Each call that returns a promise resolves once the line has called its listeners. Calls are carried out in order, and
 * after every subscribe that was made before them.
 */
export interface FakeLine<S extends AnyServed> {
  /** The line to pass to the code under test. */
  readonly line: Line<S>
  /**
   * Delivers an event to every panel that has the room, and keeps it as the room's last value, even without a subscriber.
   * The fake has no table of panels: the room belongs to `panel` from then on, and is `live`.
   */
  push<const Panel extends PanelOf<S>>(panel: Panel, event: PushedEvent<S, Panel>): Promise<void>
  /** Sets the states of a panel's rooms. The panel has the worst of them. It is `joining` until one of its rooms is named. */
  setRooms<const Panel extends PanelOf<S>>(panel: Panel, states: RoomStates<S, Panel>): Promise<void>
  /**
   * Changes the status. Absent fields keep their values, or are reset if `state` changes. Rooms that are `live` become
   * `stale` when the line is no longer `online`, and `live` again when it is.
   */
  setStatus(change: Partial<Status>): Promise<void>
  /**
   * The server denies a room of a panel. The line emits `denied` if the room is subscribed to.
   *
   * @default reason `forbidden`
   */
  deny<const Panel extends PanelOf<S>>(panel: Panel, room: RoomOf<S, Panel>, reason?: string): Promise<void>
  /**
   * Reports a gap for these rooms.
   *
   * @default from and to now, cause `link`
   */
  gap(gap: { readonly rooms: readonly RoomOf<S>[] } & Partial<Gap>): Promise<void>
  /**
   * Makes another tab the one in front, or this one again. At first, this tab is in front. While it is not, subscribers with
   * `tab: 'one'` get no events, because the other tab gets them, and listeners of `lead` are told `false`.
   */
  setFront(isInFront: boolean): Promise<void>
  /**
   * Orders the page to reload.
   *
   * @default reason `broadcast`
   */
  reload(order?: Partial<ReloadOrder>): Promise<void>
  /** Makes the line emit an error. */
  error(reason: Reason, message: string): Promise<void>
  /** The user signs out in another tab. */
  signOut(): Promise<void>
  /** The worker answers: `line.ready` resolves, and `line.restored` with these panels. For a line with `ready: false`. */
  ready(restored?: readonly RestoredPanel<S>[]): Promise<void>
  /** The worker cannot start: `line.ready` rejects, the line is `offline` and emits the error. For a line with `ready: false`. */
  fail(reason: Reason, message: string): Promise<void>
  /**
   * Sets how the server answers messages of this name. A `PartylineError` that it throws is what `line.send` rejects with; any
   * other error refuses the message.
   *
   * @default `line.send` rejects with `unanswered`
   */
  answer<const Name extends SendName<S>>(
    name: Name,
    answer: (payload: SendPayload<S, Name>) => SendAnswer<S, Name> | Promise<SendAnswer<S, Name>>,
  ): void
  /** Returns the messages that were sent, the oldest first. While the line is not `online`, none is. */
  sent(): readonly SentBy<S>[]
  /** Returns the panels that are subscribed to, each once. An unsubscribed panel is removed in the next microtask. */
  panels(): readonly RestoredPanel<S>[]
  /** Returns how many listeners of this event `line.on` has. */
  listeners(name: keyof LineEvents): number
}

/**
 * Creates a line for tests, without a worker and without a socket. It runs in Node as well as in a browser.
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
    post,
  })

  const host: Host = {
    start() {},
    retry() {},
    register() {},
    post: worker.heard,
    async call(name, ...args) {
      if (isClosed) throw lineClosed()
      // The cast: TypeScript does not see that `args` belong to the call of this name.
      const call = worker.calls[name] as (...given: typeof args) => never
      return call(...args)
    },
    async close() {},
  }
  const core = createLine<S>({
    host,
    reloadOrders: { read: () => ({}), keep: () => true },
    seen: { claim: () => ({ had: [], lead: undefined }), add() {}, ids: () => [], save() {} },
    clock: createWorkerClock(),
    handled: { add() {}, has: () => false, hasChanged: () => false, marks: () => [], forget() {} },
    token: undefined,
    leave() {
      isClosed = true
    },
    announceSignOut() {},
    forget() {},
  })
  const { line } = core

  function post(message: ToTab) {
    if (!isClosed) core.message(message)
  }

  function answerHello(restored: readonly PanelName[] = []) {
    core.up('fake')
    post({ type: 'restored', panels: restored.map(refOf) })
  }

  /** Acts in the next microtask: in the order of the calls, and after the subscribes before, which take one as well. */
  async function later(act: () => void) {
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
    answerHello()
    worker.setStatus({})
  }

  return {
    line,
    push: (panel, event) => later(() => worker.push(refOf(panel), event)),
    setRooms: (panel, states) => later(() => worker.setRooms(refOf(panel), states)),
    setStatus: (change) => later(() => worker.setStatus(change)),
    deny: (panel, room, reason = 'forbidden') => later(() => worker.deny(refOf(panel), room, reason)),
    gap: (gap) =>
      later(() => post({ type: 'gap', gap: { from: Date.now(), to: Date.now(), cause: 'link', ...gap } })),
    setFront: (isInFront) => later(() => worker.setFront(isInFront)),
    reload: (order) => later(() => post({ type: 'reload', order: { reason: 'broadcast', ...order } })),
    error: (reason, message) =>
      later(() => post({ type: 'error', error: { name: 'PartylineError', reason, message } })),
    signOut: () => later(() => post({ type: 'signout' })),
    ready: (restored) => later(() => answerHello(restored)),
    fail: (reason, message) => later(() => core.down(new PartylineError(reason, message))),
    answer: (name, answer) => worker.answer(name, answer as (payload: unknown) => unknown),
    // The cast: the compiler has checked what the code under test sends.
    sent: () => worker.sent() as readonly SentBy<S>[],
    // The cast: these are the panels that the page subscribed to, so they are the dashboard's.
    panels: () => worker.panels().map(nameOf) as unknown as readonly RestoredPanel<S>[],
    listeners: (name) => counts.get(name) ?? 0,
  }
}
