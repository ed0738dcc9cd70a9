import { PartylineError } from '../../shared/errors'
import type { PanelRef } from '../../shared/names'
import type { AnyServed, PanelEvent, PanelOf, RestoredPanel } from '../../shared/panel-types'
import type { Snapshot } from '../../shared/snapshot'
import type { Denial, Gap, PanelStatus, ReloadOrder, Status } from '../../shared/status'
import type { Had } from '../../shared/switchboard'
import type { TokenSource } from '../../shared/token'
import type { Batch, Brief, ToTab } from '../../shared/wire'
import { createEmitter } from '../emitter'
import { lineClosed, revive } from '../failures'
import type { Host } from '../host/host'
import type { ReloadMemory } from '../tab/reload-memory'
import type { Seen } from '../tab/seen'
import type { WorkerClock } from '../tab/worker-clock'
import { readBatch } from './batch'
import { describe, mistakeIn } from './mistakes'
import { createPanels, type Heard, type Named } from './panels'

/** What `line.on` tells of, and what each listener gets. */
export interface LineEvents {
  /** The connection's state changed. */
  status: Status
  /** What `panel()` says of some panel may have changed: look again. Comes with each batch of events, too. */
  panels: undefined
  /** The server, a new version or an outage asks for a reload. */
  reload: ReloadOrder
  /** Events may be missing: comes before the next event of those rooms, once per cause with all rooms concerned. */
  gap: Gap
  /** The server keeps a room from somebody who wants it. */
  denied: Denial
  /** The user signed out, here or in another tab. Emitted once, and the line is closed right after. */
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
   *
   * Never throws. Where nothing can be subscribed to, an `error` event says why after this has returned: reason
   * `unknown-panel` for a panel or parameters that there are not, `bad-argument` for a missing listener, `closed` on a
   * line that is closed.
   */
  subscribe<const Panel extends PanelOf<S>>(
    panel: Panel,
    listener: (event: PanelEvent<S, Panel>) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void
  /**
   * Returns an unsubscriber, which may be called twice. A listener that throws disturbs no other.
   *
   * Throws `bad-argument` for an event that there is not, and without a listener.
   */
  on<Name extends keyof LineEvents>(name: Name, listener: (event: LineEvents[Name]) => void): () => void
  /** The latest status: the same object until it changes, so it fits `useSyncExternalStore`. */
  readonly status: Status
  /**
   * How a panel is doing, as the server has confirmed it. `on('panels', …)` tells when to look again.
   *
   * Never throws. A name or a parameter that is no string is an `error` event, reason `unknown-panel`, once.
   */
  panel(panel: PanelOf<S>): PanelStatus
  /** Resolves to the panels this line had before the reload, or that its original had if the tab is a duplicate. */
  readonly restored: Promise<readonly RestoredPanel<S>[]>
  /** Resolves once the switchboard has answered hello. Rejects when the first worker cannot be started. */
  readonly ready: Promise<void>
  /**
   * Tries to connect now instead of at `status.nextTryAt`. For every tab: the connection is shared.
   *
   * This call and those below wait for the worker where it is still to be started. They reject with the reason where it
   * cannot be, and with `timeout` or `worker-died`.
   */
  retry(): Promise<void>
  /** Hangs up, for every tab, until `connect()`. */
  disconnect(): Promise<void>
  /** Comes back after `disconnect()`. */
  connect(): Promise<void>
  /**
   * Hangs up for every tab of this user, forgets everything kept, and leaves those tabs `closed`. Pages in the
   * back/forward cache are told when they come back.
   *
   * Resolves once everything is forgotten; on a line that is closed it does nothing. Rejects where the worker cannot do
   * that: all tabs are signed out even then, but names of panels may be left in the database.
   */
  signOut(): Promise<void>
  /** A snapshot of connection, tabs (each line of a page is one), rooms, counters and timeline. Never a token, never a payload. */
  inspect(): Promise<Snapshot>
  /** This line leaves. Calls under way reject with reason `closed`; other tabs, and other lines of the page, are not disturbed. */
  close(): void
}

const EVENTS = Object.keys({
  status: true,
  panels: true,
  reload: true,
  gap: true,
  denied: true,
  signout: true,
  error: true,
} satisfies Record<keyof LineEvents, true>)

/** How many wrong panels `panel` tells of. */
const MISTAKES = 100

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
  /** The user has signed out, here or elsewhere. */
  signedOut(): void
  up(incarnation: string): void
  /** There is no worker: it died and is about to be replaced, or none could be started. */
  down(error: PartylineError, nextTryAt?: number): void
}

export interface LineParts {
  readonly host: Host
  readonly memory: ReloadMemory
  readonly seen: Seen
  readonly clock: WorkerClock
  readonly token: TokenSource | undefined
  readonly leave: () => void
  /** The user signs out in this page: pages that no worker tells have to find out. */
  readonly announceSignOut: () => void
  /** The user signed out: nothing is to be found in this tab. */
  readonly forget: () => void
}

export const asPanel = ([name, ...params]: PanelRef): Named => (params.length > 0 ? [name, ...params] : name)

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
  clock,
  token,
  leave,
  announceSignOut,
  forget,
}: LineParts): LineCore<S> {
  const emitter = createEmitter<LineEvents>()
  const ready = deferred<void>()
  const restored = deferred<readonly Named[]>()
  let status: Status = { state: 'connecting', since: Date.now(), attempt: 0, shared: true, persistent: true }
  let isUp = false
  let isSigningOut = false
  let lastFailure = ''
  /** What was told of wrong panels. */
  const mistakes = new Set<string>()

  const panels = createPanels(
    (name, ...args) => {
      // Before the first hello there is nobody to ask; `up` asks for everything.
      if (isUp) host.call(name, ...args).catch(trouble)
    },
    () => emitter.emit('panels', undefined),
    clock,
  )

  function emitError(error: PartylineError) {
    if (!emitter.emit('error', error)) console.error('[partyline]', error)
  }

  /** A mistake in the page's code is told after the call, so that a listener which is added right then hears of it. */
  function complain(mistake: PartylineError) {
    if (mistakes.size < MISTAKES) mistakes.add(mistake.message)
    queueMicrotask(() => emitError(mistake))
  }

  /** Why a panel cannot be subscribed to. */
  function obstacle(panel: Named, listener: unknown): PartylineError | undefined {
    const call = `subscribe(${describe(panel)})`
    if (status.state === 'closed')
      return new PartylineError('closed', `${call}: this line was closed, by close() or by a sign-out.`)
    if (typeof listener !== 'function')
      return new PartylineError('bad-argument', `${call} needs a listener: a function that takes an event.`)
    return mistakeIn(panel)
  }

  /** What a call that nobody waits for failed of. */
  function trouble(error: PartylineError) {
    if (error.reason === 'unregistered') host.register()
    // After a worker's death everything is asked for again, and after a close nothing is.
    else if (error.reason !== 'worker-died' && error.reason !== 'closed') emitError(error)
  }

  /** A call that somebody waits for. A worker that has forgotten this page hears hello, and is asked again. */
  const request: Host['call'] = (name, ...args) =>
    host.call(name, ...args).catch((error: PartylineError) => {
      if (error.reason !== 'unregistered') throw error
      host.register()
      return host.call(name, ...args)
    })

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
    panels.lost()
    const error = lineClosed()
    const { shared, persistent } = status
    ready.reject(error)
    restored.reject(error)
    setStatus({ state: 'closed', since: Date.now(), attempt: 0, shared, persistent })
  }

  function signedOut() {
    if (status.state === 'closed') return
    emitter.emit('signout', undefined)
    close()
    forget()
  }

  /**
   * The line is over whether the worker answers or not: the other pages have been told already. It is not over earlier,
   * because a worker of this page's own ends with it, and has to forget first.
   */
  async function signOut() {
    if (status.state === 'closed') return
    isSigningOut = true
    announceSignOut()
    try {
      await request('signOut')
    } catch (error) {
      // A worker that does not know this page even after its hello has signed the user out already.
      if (!['closed', 'unregistered'].includes((error as PartylineError).reason)) throw error
    } finally {
      signedOut()
    }
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
    // Who signs out here waits for the worker's answer.
    signout: () => isSigningOut || signedOut(),
  }

  const line: LooseLine = {
    subscribe(panel, listener, { signal } = {}) {
      const mistake = obstacle(panel, listener)
      if (mistake) {
        complain(mistake)
        return () => {}
      }
      const stop = panels.add(panel, listener)
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      return () => {
        signal?.removeEventListener('abort', stop)
        stop()
      }
    },
    on(name, listener) {
      if (!EVENTS.includes(name) || typeof listener !== 'function') {
        throw new PartylineError(
          'bad-argument',
          `on("${String(name)}") needs a listener and one of these events: ${EVENTS.join(', ')}.`,
        )
      }
      return emitter.on(name, listener)
    },
    get status() {
      return status
    },
    panel(panel) {
      const mistake = mistakeIn(panel)
      if (mistake && mistakes.size < MISTAKES && !mistakes.has(mistake.message)) complain(mistake)
      return panels.status(mistake ? [] : panel)
    },
    restored: restored.promise,
    ready: ready.promise,
    retry() {
      host.retry()
      return request('retry')
    },
    disconnect: () => request('disconnect'),
    connect: () => request('connect'),
    inspect: () => request('inspect'),
    signOut,
    close,
  }

  return {
    line: line as unknown as Line<S>,
    inherit() {
      const { had, lead } = seen.inherit()
      if (lead) clock.inherit(lead)
      panels.inherit(had)
    },
    had: panels.had,
    hand: () => seen.hand({ had: panels.had(), lead: clock.lead() }),
    signedOut,
    up(incarnation) {
      isUp = true
      lastFailure = ''
      ready.resolve()
      panels.resume(incarnation)
    },
    down(error, nextTryAt) {
      // Until the next worker has answered hello there is nobody to ask.
      isUp = false
      panels.lost()
      const state = error.reason === 'worker-died' ? 'connecting' : 'offline'
      const { shared, persistent } = status
      setStatus({
        state,
        since: status.state === state ? status.since : Date.now(),
        attempt: 0,
        ...(nextTryAt !== undefined && { nextTryAt }),
        error: error.toJSON(),
        shared,
        persistent,
      })
      if (state === 'connecting') return
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
