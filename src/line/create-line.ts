import { PartylineError } from '../../shared/errors'
import type { AnyServed } from '../../shared/panel-types'
import type { Status } from '../../shared/status'
import type { Had } from '../../shared/switchboard'
import type { TokenSource } from '../../shared/token'
import type { Batch, Brief, ToTab } from '../../shared/wire'
import { createEmitter } from '../emitter'
import { lineClosed, revive } from '../failures'
import type { Host } from '../host/host'
import type { Handled } from '../tab/handled'
import type { ReloadOrders } from '../tab/reload-orders'
import type { Seen } from '../tab/seen'
import type { WorkerClock } from '../tab/worker-clock'
import { readBatch } from './batch'
import { checkListener } from './check-listener'
import { createDeferred } from './deferred'
import { createDuty } from './duty'
import { createErrorReports } from './error-reports'
import type { Line, LineEvents } from './line'
import { nameOf, type PanelName, panelNameError, quotePanel } from './panel-name'
import { createPanels } from './panels'
import { createRequest } from './request'
import { createSends } from './sends'
import { readToken } from './token-answer'
import type { UntypedLine } from './untyped-line'

/** The line, and the calls through which `connect` drives it. */
export interface LineCore<S extends AnyServed> {
  readonly line: Line<S>
  /** Claims what the tab's previous page saved. */
  claim(): void
  /** Up to when this tab has all events of its panels. */
  progress(): Had
  /** Whether a worker's last status was `paused`; `undefined` before the first. */
  paused(): boolean | undefined
  /** Saves the progress for the tab's next page. */
  save(): void
  /** The page leaves its worker, or says hello to it again: another tab may get what this one has not handled for all. */
  rest(): void
  message(message: ToTab): void
  /** The user signed out, in this page or in another one. */
  signedOut(): void
  /** A worker has answered hello. */
  up(incarnation: string): void
  /** The page says hello again, to this worker or another one, which will be `up` in a moment. */
  greeting(): void
  report(error: PartylineError): void
  /** There is no worker: it died and will be replaced, or none could be started. */
  down(error: PartylineError, nextTryAt?: number): void
}

export interface LineParts {
  readonly host: Host
  readonly reloadOrders: ReloadOrders
  readonly seen: Seen
  readonly clock: WorkerClock
  readonly handled: Handled
  readonly token: TokenSource | undefined
  /** Called when the line closes. `signedOut`: by a sign-out. */
  readonly leave: (signedOut: boolean) => void
  /** Tells the user's other pages, also those that the worker cannot reach, that the user signs out in this page. */
  readonly announceSignOut: () => void
  /** Deletes what this tab stores for the user. */
  readonly forget: () => void
}

/** Creates a line on a host: subscribes at the worker, and emits what the worker reports. */
export function createLine<S extends AnyServed>(parts: LineParts): LineCore<S> {
  const { host, reloadOrders, seen, clock, handled, token, leave, announceSignOut, forget } = parts
  const emitter = createEmitter<LineEvents>()
  const { report, reportLater } = createErrorReports((error) => emitter.emit('error', error))
  const request = createRequest(host)
  const sends = createSends(host)
  const ready = createDeferred<void>()
  const restored = createDeferred<readonly PanelName[]>()
  let status: Status = { state: 'connecting', since: Date.now(), attempt: 0, shared: true, persistent: true }
  let isPaused: boolean | undefined
  let isUp = false
  let isSigningOut = false
  /** Why the last worker could not be started. */
  let lastFailure = ''

  const panels = createPanels(
    (name, ...args) => {
      // Before the answer to a hello, a subscribe need not be sent: `up` subscribes to all panels.
      if (isUp || name === 'unsubscribe') host.call(name, ...args).catch(onPanelCallFailed)
    },
    () => emitter.emit('panels', undefined),
    clock,
  )
  const duty = createDuty({ panels, handled, post: host.post })

  function onPanelCallFailed(error: PartylineError) {
    if (error.reason === 'unregistered') {
      // A hello subscribes to all panels again. One that is not answered yet will do so.
      if (isUp) host.register()
    } else if (error.reason !== 'worker-died' && error.reason !== 'closed') {
      // After a worker's death all panels are subscribed to again, and after a close none is.
      report(error)
    }
  }

  function subscribeError(panel: PanelName, listener: unknown, tab: unknown): PartylineError | undefined {
    const call = `subscribe(${quotePanel(panel)})`
    if (status.state === 'closed')
      return new PartylineError('closed', `${call}: This line is closed. Call connect() for a new one.`)
    if (typeof listener !== 'function')
      return new PartylineError('bad-argument', `${call} needs a listener: a function.`)
    if (tab !== undefined && tab !== 'one')
      return new PartylineError('bad-argument', `${call}: the option "tab" can only be "one", not "${tab}".`)
    return panelNameError(panel)
  }

  function receive(batch: Batch): readonly Brief[] {
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
    leave(isSigningOut)
    sends.close()
    duty.rest()
    panels.down()
    const error = lineClosed()
    const { shared, persistent } = status
    ready.reject(error)
    restored.reject(error)
    setStatus({ state: 'closed', since: Date.now(), attempt: 0, shared, persistent })
  }

  function signedOut() {
    if (status.state === 'closed') return
    isSigningOut = true
    emitter.emit('signout', undefined)
    close()
    forget()
  }

  /**
   * Closes the line even if the worker does not answer, because other pages know of the sign-out already. Closes it only
   * after the call, because a dedicated worker ends with its line and must delete its records first.
   */
  async function signOut() {
    if (status.state === 'closed') return
    isSigningOut = true
    announceSignOut()
    try {
      await request('signOut')
    } catch (error) {
      // A worker that does not know this page even after another hello has signed the user out already.
      if (!['closed', 'unregistered'].includes((error as PartylineError).reason)) throw error
    } finally {
      signedOut()
    }
  }

  /** What each message does. A message without a handler asks only for an acknowledgement, which the host sends. */
  const handlers: { [Type in ToTab['type']]?: (message: Extract<ToTab, { readonly type: Type }>) => void } = {
    events: ({ events }) => panels.events(receive(events)),
    opened: ({ panel, call, rooms, events, replays }) =>
      panels.opened(panel, call, rooms, receive(events), replays),
    rooms: ({ rooms }) => panels.rooms(rooms),
    status({ status }) {
      isPaused = status.state === 'paused'
      setStatus(status)
    },
    restored: ({ panels }) => restored.resolve(panels.map(nameOf)),
    // An order that may be repeated after the reload is emitted only if it can be remembered.
    reload({ order, orders, given = [] }) {
      if (!orders || reloadOrders.keep({ orders, given })) emitter.emit('reload', order)
    },
    orders: reloadOrders.keep,
    gap: ({ gap }) => emitter.emit('gap', gap),
    one: duty.one,
    lead: duty.lead,
    denied: ({ room, reason }) => emitter.emit('denied', { room, reason, panels: panels.withRoom(room) }),
    async token({ call }) {
      host.post({ type: 'token', call, answer: await readToken(token) })
    },
    error: ({ error }) => report(revive(error)),
    kept({ outcome }) {
      const { id, name, outcome: how, reason = '' } = outcome
      const isHeard = emitter.emit('kept', outcome)
      if (how !== 'refused' && how !== 'expired') return
      if (!isHeard)
        report(
          new PartylineError(
            how === 'refused' ? how : 'unanswered',
            `The kept message "${name}" (${id}) was ${how === 'refused' ? 'refused' : 'not delivered'}: ${reason}`,
          ),
        )
      host.post({ type: 'told', id })
    },
    // The page that signs out waits for the answer to its call.
    signout: () => isSigningOut || signedOut(),
  }

  const line: UntypedLine = {
    subscribe(panel, listener, { signal, tab } = {}) {
      const error = subscribeError(panel, listener, tab)
      if (error) {
        reportLater(error)
        return () => {}
      }
      const stop = panels.add(panel, listener, tab === 'one')
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      return () => {
        signal?.removeEventListener('abort', stop)
        stop()
      }
    },
    on(name, listener) {
      checkListener(name, listener)
      // The cast: the compiler does not see that this is the listener of `lead`.
      return name === 'lead' ? duty.watch(listener as never) : emitter.on(name, listener)
    },
    get status() {
      return status
    },
    panel(panel) {
      const error = panelNameError(panel)
      if (error) reportLater(error, true)
      return panels.status(error ? '' : panel)
    },
    restored: restored.promise,
    ready: ready.promise,
    send: sends.send,
    async unsent() {
      const messages = await request('unsent')
      return messages.map((message) => ({ ...message, withdraw: () => request('withdraw', message.id) }))
    },
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
    // The types of a dashboard exist for the compiler only: at run time, panels are strings.
    line: line as unknown as Line<S>,
    claim() {
      const { had, lead } = seen.claim()
      if (lead) clock.continueFrom(lead)
      panels.claim(had)
    },
    progress: panels.progress,
    paused: () => isPaused,
    save: () => seen.save({ had: panels.progress(), lead: clock.lead() }),
    rest: duty.rest,
    signedOut,
    up(incarnation) {
      isUp = true
      duty.begin()
      lastFailure = ''
      ready.resolve()
      sends.up()
      panels.up(incarnation)
    },
    greeting() {
      isUp = false
      sends.down()
    },
    report,
    down(error, nextTryAt) {
      isUp = false
      duty.rest()
      panels.down()
      const state = error.reason === 'worker-died' ? 'connecting' : 'offline'
      const { shared, persistent } = status
      sends.down(state === 'offline' ? error : undefined)
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
      // The same failure in a row is reported once.
      if (error.message !== lastFailure) report(error)
      lastFailure = error.message
    },
    message(message) {
      // The compiler cannot see that the handler and the message have the same type.
      handlers[message.type]?.(message as never)
    },
  }
}
