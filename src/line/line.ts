import type { PartylineError } from '../../shared/errors'
import type { KeptOutcome, Unsent } from '../../shared/kept'
import type {
  AnyServed,
  PanelEvent,
  PanelOf,
  RestoredPanel,
  SendAnswer,
  SendName,
  SendPayload,
} from '../../shared/panel-types'
import type { Snapshot } from '../../shared/snapshot'
import type { Denial, Gap, PanelStatus, ReloadOrder, Status } from '../../shared/status'

/** The events of `line.on`, and what their listeners are called with. */
export interface LineEvents {
  /** The state of the connection changed. */
  status: Status
  /** The result of `panel()` may have changed for any panel. Also emitted with each batch of events. */
  panels: undefined
  /** The server, a new version or an outage requires a reload. */
  reload: ReloadOrder
  /** Events may be missing. Emitted before the next event of these rooms, once per cause with all its rooms. */
  gap: Gap
  /** The server denied a room that this tab wants. */
  denied: Denial
  /** A message that was sent with `keep` has ended. Emitted in every tab. */
  kept: KeptOutcome
  /**
   * Whether this tab leads: it is the one, of the tabs that listen to this event, that is in front, or else that was in front last.
   * For work that one tab should do. A listener is called with the present answer first, and then with each change. No tab is
   * told that it leads before the last one knows that it does not, or has had a second to learn it. While the worker is replaced, no
   * tab leads. With a dedicated worker that does not share, it is one of the lines of this page.
   */
  lead: boolean
  /** The user signed out, in this tab or in another one. Emitted once, right before the line closes. */
  signout: undefined
  /** An error that no call can report. Without a listener it is logged to the console. */
  error: PartylineError
}

/** Options of `line.send`. */
export interface SendOptions {
  /** How long to wait for the connection and for the server's answer together, in ms. @default 5000 */
  readonly timeout?: number | undefined
  /** Aborting it rejects the call. The message may have left before. */
  readonly signal?: AbortSignal | undefined
  readonly keep?: false | undefined
}

/** Options of `line.send` for a message that will be delivered. */
export interface KeepOptions {
  /**
   * Keeps the message until the server has acknowledged it. A message that is sent again with the same id of your own, by another
   * tab too, is kept once; `true` makes a new id.
   */
  readonly keep: true | string
  /** How long to wait until the message is stored, in ms. @default 5000 */
  readonly timeout?: number | undefined
  /** Aborting it rejects the call. The message may be kept. */
  readonly signal?: AbortSignal | undefined
}

/** A message that is kept and not acknowledged yet. */
export interface UnsentMessage extends Unsent {
  /**
   * Removes the message. Resolves to `false` if it has ended before. The server may have received it. Rejects with `unanswered` if the
   * database has not removed it: if the worker ends before it does, the next one sends the message.
   */
  withdraw(): Promise<boolean>
}

/** The options of `subscribe`. */
export interface SubscribeOptions {
  /** Unsubscribes when it is aborted. */
  readonly signal?: AbortSignal | undefined
  /** `'one'`: each event goes to one of the tabs that subscribe in this way, and not to all of them. @default all tabs */
  readonly tab?: 'one' | undefined
}

/** A tab's handle on the shared connection. */
export interface Line<S extends AnyServed = AnyServed> {
  /**
   * Calls the listener with each event of a panel, never before this method has returned. The last value of each room
   * comes first, marked `replayed`. If several components or tabs subscribe to a panel, its rooms are joined once.
   *
   * With `tab: 'one'`, each event goes to exactly one of the tabs that subscribe to the panel in this way: to the one in front, else to
   * the one that was in front last. If that tab goes before its listeners have returned, the next tab gets the event. For sounds,
   * notifications, printing.
   *
   * - The events come one by one and in order, also if tabs are closed, crash or freeze, or if the worker is replaced.
   * - If no tab is there, they wait for `grace`; at most `queue` of them wait. What is lost beyond that is a gap.
   * - Last values are not given, so an alarm does not ring again for a tab that comes later. The option `hidden` does not apply.
   * - In the page, all subscribers of the panel with `tab: 'one'` get the event.
   * - With a dedicated worker that does not share, the event goes to one of the lines of this page: other pages have other workers.
   *
   * Returns an unsubscriber, which may be called twice. Aborting `signal` unsubscribes as well.
   *
   * Never throws. If it cannot subscribe, the line emits an `error` after this method has returned, with one of these
   * reasons: `unknown-panel` if the panel or its parameters do not exist, `bad-argument` if the listener is not a
   * function, `tab` has another value than `'one'`, or a parameter is too long, `limit` if the tab has too many panels or rooms,
   * `closed` if the line is closed.
   */
  subscribe<const Panel extends PanelOf<S>>(
    panel: Panel,
    listener: (event: PanelEvent<S, Panel>) => void,
    options?: SubscribeOptions,
  ): () => void
  /**
   * Adds a listener for an event of the line. A listener that throws does not stop the others.
   *
   * Returns an unsubscriber, which may be called twice. Throws `bad-argument` if the event does not exist, or if the
   * listener is not a function.
   */
  on<Name extends keyof LineEvents>(name: Name, listener: (event: LineEvents[Name]) => void): () => void
  /** The current status. It is the same object until it changes, so it can be used with `useSyncExternalStore`. */
  readonly status: Status
  /**
   * The status of a panel, as confirmed by the server. `on('panels', …)` reports when it may have changed.
   *
   * Never throws. If the name or a parameter is not a string, the line emits an `error` with reason `unknown-panel`,
   * once for each such panel.
   */
  panel(panel: PanelOf<S>): PanelStatus
  /** Resolves to the panels that this line had before the reload. In a duplicated tab: the panels of the original. */
  readonly restored: Promise<readonly RestoredPanel<S>[]>
  /** Resolves when the worker has answered for the first time. Rejects if the first worker cannot be started. */
  readonly ready: Promise<void>
  /**
   * Keeps a message: it will be delivered. Resolves to the message's id once it is in the browser's database, whether or not there
   * is a connection. Kept messages are sent in their order as soon as the line is `online`, and again with the same id until the
   * server acknowledges them, also after a reload, by another worker, and after the browser was closed. After `keepFor` (an option
   * of `serve`, by default an hour) a message expires. The event `kept` says how each has ended; where nobody listens to it, a
   * message that was refused or has expired is an `error`.
   *
   * Rejects as the call without `keep` does: with `not-sent` if the browser's database does not work, with `unanswered` if it does
   * not answer in time, so that the message may be kept, with `limit` if too much is kept, with `bad-argument` if the payload cannot be
   * stored.
   */
  send<const Name extends SendName<S>>(
    name: Name,
    payload: SendPayload<S, Name>,
    options: KeepOptions,
  ): Promise<{ readonly kept: string }>
  /**
   * Sends a message to the server, and resolves to its answer. `serve` lists what pages may send, as `sends`. While the line is
   * `connecting`, the message waits.
   *
   * Every call settles. It rejects with a `PartylineError`:
   * - `not-sent`: the message has not left this browser, so it is safe to send it again
   * - `unanswered`: it has left, and no answer came: nobody knows whether the server has carried it out
   * - `refused`: the server refused it; `message` has the server's words
   * - `unknown-message`: pages may not send this name
   * - `closed`, `aborted`: by `close()` or a sign-out, or by `signal`; the message may have left before
   * - `invalid`: the payload does not fit its schema
   * - `bad-argument`: the payload cannot be copied or encoded, or an option is malformed
   * - `limit`: more than 1000 messages of this tab are under way, or the payload is longer than 1,000,000 characters of JSON, counted
   *   with the bytes of binary data
   */
  send<const Name extends SendName<S>>(
    name: Name,
    payload: SendPayload<S, Name>,
    options?: SendOptions,
  ): Promise<SendAnswer<S, Name>>
  /** As one of the two above, where `keep` is known at run time only. */
  send<const Name extends SendName<S>>(
    name: Name,
    payload: SendPayload<S, Name>,
    options: SendOptions | KeepOptions,
  ): Promise<SendAnswer<S, Name> | { readonly kept: string }>
  /** Resolves to the messages that are kept and not acknowledged yet, the oldest first. Rejects as `retry` does. */
  unsent(): Promise<readonly UnsentMessage[]>
  /**
   * Tries to connect now instead of at `status.nextTryAt`. This affects all tabs, because they share the connection.
   *
   * This call and the calls below wait if the worker has not started yet. They reject with the reason if it cannot be
   * started, with `timeout` if it does not answer, and with `worker-died` if it ends meanwhile.
   */
  retry(): Promise<void>
  /**
   * Disconnects all tabs from the server until `connect()` is called. The next worker stays disconnected, too, if this one ends. It
   * is not stored: once all pages that have learned of it are closed or reloaded, the next worker connects.
   */
  disconnect(): Promise<void>
  /** Connects again after `disconnect()`. */
  connect(): Promise<void>
  /**
   * Signs the user out: disconnects, deletes everything that is stored for this user, and closes the lines of all the
   * user's tabs. Pages in the back/forward cache learn of it when they are shown again.
   *
   * Resolves when everything is deleted; does nothing on a closed line. Rejects if the worker cannot delete it, with `unanswered` if
   * the database does not: all tabs are signed out nevertheless, but panel names and kept messages may remain in the database, and
   * a later worker sends these messages.
   */
  signOut(): Promise<void>
  /**
   * Returns a snapshot of the connection, tabs, rooms, counters and timeline. Each line of a page counts as a tab. The
   * snapshot has no tokens and no payloads.
   */
  inspect(): Promise<Snapshot>
  /** Closes this line. Its pending calls reject with reason `closed`. Other tabs and other lines of the page are not affected. */
  close(): void
}
