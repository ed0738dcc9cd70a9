import { readBatch } from './batch'
import { createEmitter } from './emitter'
import { lineClosed, PartylineError, revive } from './errors'
import type { Host } from './host'
import type { Memory } from './memory'
import { createPanels, type Heard, type Named, refOf } from './panels'
import type {
  AnyServed,
  Batch,
  Brief,
  Denial,
  Gap,
  Had,
  PanelEvent,
  PanelOf,
  PanelRef,
  PanelStatus,
  ReloadOrder,
  Snapshot,
  Status,
  TokenSource,
  ToTab,
} from './protocol'
import type { Seen } from './seen'

/** What `line.on` tells of, and what each listener gets. */
export interface LineEvents {
  /** The connection's state changed. */
  status: Status
  /** What `panel()` says of some panel may have changed: look again. Comes with each batch of events, too. */
  panels: undefined
  /** The server, a new version or an outage asks for a reload. */
  reload: ReloadOrder
  /** Events may be missing: comes before the next event of those rooms. */
  gap: Gap
  /** The server keeps a room from somebody who wants it. */
  denied: Denial
  /** The user signed out, here or in another tab. */
  signout: undefined
  /** Something went wrong that no call can report. With no listener it goes to the console. */
  error: PartylineError
}

/** A tab's handle on the shared connection. */
export interface Line<S extends AnyServed = AnyServed> {
  /**
   * Hears a panel's events. Nothing comes before this returns; the last value of each room comes first, marked
   * `replayed`. The same panel from many components, or many tabs, joins its rooms once.
   *
   * Returns an unsubscriber, which may be called twice. An aborted `signal` unsubscribes too.
   */
  subscribe<const Panel extends PanelOf<S>>(
    panel: Panel,
    listener: (event: PanelEvent<S, Panel>) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void
  /** Returns an unsubscriber, which may be called twice. A listener that throws disturbs no other. */
  on<Name extends keyof LineEvents>(name: Name, listener: (event: LineEvents[Name]) => void): () => void
  /** The latest status: the same object until it changes, so it fits `useSyncExternalStore`. */
  readonly status: Status
  /** How a panel is doing, as the server has confirmed it. `on('panels', …)` tells when to look again. */
  panel(panel: PanelOf<S>): PanelStatus
  /** Resolves to the panels this line had before the reload, or that its original had if the tab is a duplicate. */
  readonly restored: Promise<readonly PanelOf<S>[]>
  /** Resolves once the switchboard has answered hello. Rejects when the first worker cannot be started. */
  readonly ready: Promise<void>
  /** Tries to connect now instead of at `status.nextTryAt`. For every tab: the connection is shared. */
  retry(): Promise<void>
  /** Hangs up, for every tab, until `connect()`. */
  disconnect(): Promise<void>
  /** Comes back after `disconnect()`. */
  connect(): Promise<void>
  /** Hangs up for every tab of this user, forgets everything kept, and leaves those tabs `closed`. */
  signOut(): Promise<void>
  /** A snapshot of connection, tabs (each line of a page is one), rooms, counters and timeline. Never a token, never a payload. */
  inspect(): Promise<Snapshot>
  /** This line leaves. Calls under way reject with reason `closed`; other tabs, and other lines of the page, are not disturbed. */
  close(): void
}

/** A line without the types of a dashboard. */
interface LooseLine extends Omit<Line, 'subscribe' | 'panel' | 'restored'> {
  subscribe(
    panel: Named,
    listener: (event: Heard) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void
  panel(panel: Named): PanelStatus
  readonly restored: Promise<readonly Named[]>
}

/** The line, and what the host tells it. */
export interface LineCore<S extends AnyServed> {
  readonly line: Line<S>
  /** This page is its tab's from now on. */
  inherit(): void
  /** How far the tab has got with its panels. */
  had(): Had
  /** The page goes. */
  hand(): void
  message(message: ToTab): void
  up(): void
  failed(error: PartylineError): void
}

export interface LineParts {
  readonly host: Host
  readonly memory: Memory
  readonly seen: Seen
  readonly token: TokenSource | undefined
  readonly leave: () => void
  /** The user signed out: nothing is to be found in this tab. */
  readonly forget: () => void
}

const asPanel = ([name, ...params]: PanelRef): Named => (params.length > 0 ? [name, ...params] : name)

/** A promise to be settled later. Nobody has to listen to it. */
function deferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: PartylineError) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/** Subscribes, tells, and keeps what the worker says for those who ask. */
export function createLine<S extends AnyServed>({
  host,
  memory,
  seen,
  token,
  leave,
  forget,
}: LineParts): LineCore<S> {
  const emitter = createEmitter<LineEvents>()
  const ready = deferred<void>()
  const restored = deferred<readonly Named[]>()
  let status: Status = { state: 'connecting', since: Date.now(), attempt: 0, shared: true, persistent: true }
  let isUp = false
  let lastFailure = ''

  const panels = createPanels(
    (name, ...args) => {
      // Before the first hello there is nobody to ask; `up` asks for everything.
      if (isUp) host.call(name, ...args).catch(trouble)
    },
    () => emitter.emit('panels', undefined),
  )

  function emitError(error: PartylineError) {
    if (!emitter.emit('error', error)) console.error('[partyline]', error)
  }

  /** What a call that nobody waits for failed of. */
  function trouble(error: PartylineError) {
    if (error.reason === 'unregistered') host.register()
    // After a worker's death everything is asked for again, and after a close nothing is.
    else if (error.reason !== 'worker-died' && error.reason !== 'closed') emitError(error)
  }

  async function supply(call: number) {
    let answer: unknown
    try {
      answer = await token?.()
      if (answer instanceof Response) answer = { status: answer.status, ...(await answer.json()) }
    } catch (error) {
      answer = { error: String(error), status: (error as { status?: unknown } | null)?.status }
    }
    host.post({ type: 'token', call, answer })
  }

  function take(batch: Batch): readonly Brief[] {
    const events = readBatch(batch)
    seen.add(events)
    return events
  }

  function setStatus(next: Status) {
    status = next
    emitter.emit('status', status)
  }

  function close() {
    if (status.state === 'closed') return
    leave()
    const error = lineClosed()
    const { shared, persistent } = status
    ready.reject(error)
    restored.reject(error)
    setStatus({ state: 'closed', since: Date.now(), attempt: 0, shared, persistent })
  }

  /** What the worker tells, by type. One that asks for a sign of life is answered by having been heard. */
  const told: { [Type in ToTab['type']]?: (message: Extract<ToTab, { readonly type: Type }>) => void } = {
    events: ({ events }) => panels.hear(take(events)),
    opened: ({ panel, call, rooms, events, replays }) =>
      panels.opened(panel, call, rooms, take(events), replays),
    rooms: ({ rooms }) => panels.rooms(rooms),
    status: ({ status }) => setStatus(status),
    restored: ({ panels }) => restored.resolve(panels.map(asPanel)),
    // An order that could be repeated is obeyed only if it can be remembered.
    reload({ order, orders, given = [] }) {
      if (!orders || memory.keep({ orders, given })) emitter.emit('reload', order)
    },
    orders: memory.keep,
    gap: ({ gap }) => emitter.emit('gap', gap),
    denied: ({ room, reason }) => emitter.emit('denied', { room, reason, panels: panels.wanting(room) }),
    token: ({ call }) => supply(call),
    error: ({ error }) => emitError(revive(error)),
    signout() {
      emitter.emit('signout', undefined)
      close()
      forget()
    },
  }

  const line: LooseLine = {
    subscribe(panel, listener, { signal } = {}) {
      const ref: readonly unknown[] = refOf(panel)
      if (!ref[0] || !ref.every((part) => typeof part === 'string') || typeof listener !== 'function') {
        throw new PartylineError(
          'bad-argument',
          'subscribe takes a name or [name, ...parameters], and a listener.',
        )
      }
      if (status.state === 'closed') throw lineClosed()
      const stop = panels.add(panel, listener)
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      return () => {
        signal?.removeEventListener('abort', stop)
        stop()
      }
    },
    on: emitter.on,
    get status() {
      return status
    },
    panel: panels.status,
    restored: restored.promise,
    ready: ready.promise,
    retry: () => host.call('retry'),
    disconnect: () => host.call('disconnect'),
    connect: () => host.call('connect'),
    inspect: () => host.call('inspect'),
    // The order to close may overtake the answer.
    signOut: () =>
      host.call('signOut').catch((error: PartylineError) => {
        if (error.reason !== 'closed') throw error
      }),
    close,
  }

  return {
    line: line as unknown as Line<S>,
    inherit: () => panels.inherit(seen.inherit()),
    had: panels.had,
    hand: () => seen.hand(panels.had()),
    up() {
      isUp = true
      lastFailure = ''
      ready.resolve()
      panels.resume()
    },
    failed(error) {
      ready.reject(error)
      // A worker that goes on failing in the same way is told of once.
      if (error.message !== lastFailure) emitError(error)
      lastFailure = error.message
    },
    message(message) {
      told[message.type]?.(message as never)
    },
  }
}
