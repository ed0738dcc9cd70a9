import { baseOf } from '../shared/names'
import type { Place } from '../shared/place'
import type { Snapshot } from '../shared/snapshot'
import { now } from './clock'
import type { Settings } from './common-options'
import { createOutbox } from './delivery/outbox'
import type { Rejection } from './dialect/dialect'
import { createGuard } from './dialect/guard'
import type { Home } from './home'
import { createAuth } from './link/auth'
import { createLocalNetwork } from './link/local-network'
import { createTokenRequests } from './link/token-requests'
import { createInbound } from './messages/inbound'
import { createOutbound } from './messages/outbound'
import { createPositions } from './messages/positions'
import { createSequence } from './messages/sequence'
import { createAnnouncements } from './pages/announcements'
import { createArrivals } from './pages/arrivals'
import { createEngine, type Engine } from './pages/engine'
import { createHeartbeat } from './pages/heartbeat'
import { inherit } from './pages/inherit'
import { createLead } from './pages/lead'
import { createMoves } from './pages/moves'
import { createReloads } from './pages/reloads'
import { createStatuses } from './pages/statuses'
import { createTabs, shortId } from './pages/tabs'
import { createHandover } from './persistence/handover'
import { createProgress } from './persistence/progress'
import { createRecords } from './persistence/records'
import { createStore } from './persistence/store'
import { createRecorder } from './recorder'
import { createBroadcasts } from './reload/broadcasts'
import { createPanels } from './rooms/panel-table'
import { createRooms } from './rooms/rooms'
import type { Hung } from './sharing/sharing'
import type { Inheritance } from './succession/inheritance'
import { createWarnings } from './warnings'

/** How long the last leave of a room waits, in ms. */
const LINGER = 1000
/** How long the first handshake after a hand-over waits for a tab with a token, in ms. */
const TOKEN = 1000

/** What a worker knows of those before and beside it. */
export interface Succeeding {
  /** What the worker before this one has handed over. */
  readonly inheritance?: Inheritance | undefined
  /** Whether this worker was granted the turn to serve, because the worker before it has ended. */
  readonly isGranted?: boolean | undefined
  /** Set if the worker before this one hangs or is frozen, so that it may still be connected. */
  readonly hung?: Hung | undefined
  /** Whether a page is here that has tokens, and has not said hello yet. */
  readonly hasTokens?: boolean
  /** Where pages find this worker, if it serves all of them. */
  readonly place?: () => Place | undefined
  readonly build?: () => Snapshot['build']
}

/**
 * The worker's composition root: creates everything and connects it.
 * - An event goes link → inbound → outbox → mailbox → port.
 * - A subscribe goes api → registration → rooms → outbound → link, and the panel it opens registration → outbox → mailbox → port.
 */
export function createSwitchboard(
  settings: Settings,
  home: Home,
  {
    inheritance,
    isGranted = false,
    hung,
    hasTokens = false,
    place = () => undefined,
    build = () => undefined,
  }: Succeeding = {},
): Engine {
  const startedAt = now()
  const recorder = createRecorder()
  const warn = createWarnings()
  const guarded = createGuard(settings.dialect, { malformed: () => recorder.count('malformed'), warn })
  const outbox = createOutbox({
    retain: settings.retain,
    queue: settings.queue,
    count: recorder.count,
    warn,
    order: {
      first: (all) => tabs.first(all),
      isVisible: (tab) => tabs.isVisible(tab),
      isMissing: (tab) => tabs.isMissing(tab),
    },
  })
  const announcements = createAnnouncements(outbox)
  const progress = createProgress(home.name, home.lock)
  const sequence = createSequence()
  const positions = createPositions()
  const canResume = settings.dialect.resume !== undefined
  const heartbeat = createHeartbeat((tab) => outbox.post(tab, { type: 'beat' }))
  const panels = createPanels(settings.panels)
  const moves = createMoves(outbox.post)
  const tokenRequests = createTokenRequests((tab, call) => outbox.post(tab, { type: 'token', call }))

  /** Called when a tab is here. */
  const onArrival: (() => void)[] = []
  const arrived = new Promise<void>((resolve) => onArrival.push(resolve))
  /** Tabs have tokens, and none of them is here yet: without one, the handshake would be refused. */
  const tokenComes =
    (hasTokens || inheritance?.hasTokens) && !settings.token
      ? new Promise<void>((resolve) => {
          setTimeout(resolve, TOKEN)
          onArrival.push(() => {
            if (tabs.withToken().length > 0) resolve()
          })
        })
      : undefined

  const reloads = createReloads({
    version: settings.version,
    reloadAfter: settings.reloadAfter,
    guarded,
    recorder,
    outbox,
    announcements,
    onStatus: (tab) => statuses.post(tab),
  })

  const isRefusal = (rejection: Rejection) => guarded('refusal', rejection)?.said === true
  const auth = createAuth({
    isRefusal,
    sources: () =>
      settings.token
        ? [{ name: 'worker', ask: settings.token }]
        : tabs.withToken().map((tab) => ({ name: tab, ask: () => tokenRequests.ask(tab) })),
  })
  /** A server's reason may quote a token. */
  const onDenied = (room: string, reason: string) => rooms.deny(room, auth.redact(reason))

  /** The server may count the room's events anew. */
  function forgetPlace(room: string) {
    sequence.forget(room)
    positions.forget(room)
  }

  const wantedRooms = () => rooms.inspect().map(({ room }) => room)

  const localNetwork = createLocalNetwork({
    here: home.address,
    permissions: home.permissions,
    granted: () => connection.retry(false),
    report: (error) => outbox.postAll({ type: 'error', error }),
  })

  const connection = settings.connect({
    createRetry: settings.createRetry,
    keepalive: settings.keepalive,
    auth,
    isRefusal,
    isStale: home.isStale,
    confirmed: home.confirmed,
    obstacle: (address = () => settings.server) => localNetwork.obstacle(address),
    wanted: wantedRooms,
    rooms: {
      opened(recovered) {
        if (!recovered) outbound.resume(positions.of(wantedRooms()))
        rooms.opened(recovered)
        sends?.kept?.opened()
      },
      lost: (heardAt) => rooms.lost(heardAt),
      up(room, recovered) {
        if (!recovered) forgetPlace(room)
        rooms.up(room, recovered)
        sends?.kept?.opened()
      },
      down: (room, heardAt) => rooms.down(room, heardAt),
      deny: onDenied,
    },
    async session() {
      await handover.ready()
      await tokenComes
      return progress.session()
    },
    onOpened({ session, recovered }) {
      progress.opened(session, recovered)
      if (!recovered) outbox.endRepeats()
      if (!recovered && !canResume) sequence.reset()
    },
    onUp(recovered) {
      recorder.up(recovered)
      reloads.online()
    },
    onMissed: (messages) => inbound.receiveMissed(messages),
    onMessage: (message, at) => inbound.receive(message, at),
    onUnreadable(why) {
      recorder.count('malformed')
      warn('unreadable', `The server sent something that could not be read, so nobody gets it: ${why}`)
    },
    onUnsendable(why) {
      recorder.count('malformed')
      warn('unsendable', `A message could not be sent: ${why}`)
    },
    onDown(reason) {
      outbox.endRepeats()
      sends?.lost()
      const hungUp = connection.status().state === 'paused' ? 'paused' : 'idle'
      recorder.down(reason ?? hungUp, reason === undefined ? hungUp : undefined)
    },
    onStatus(status) {
      reloads.turned(status.state)
      recorder.turned(status)
      sends?.turned(status.state)
      statuses.postAll()
    },
    onRoundTrip: recorder.roundTrip,
    onWoke: () => recorder.note({ what: 'woke-from-sleep' }),
  })

  /** A room that messages wait for may be joined or lost. */
  const roomsTurned = () => sends?.turned(connection.status().state)

  function onJoined(room: string, recovered = false) {
    // An answer may come twice, or after an event.
    if (canResume && !recovered && !rooms.isJoined(room)) forgetPlace(room)
    rooms.confirm(room, recovered)
  }
  const outbound = createOutbound({ guarded, canResume, connection, recorder, onJoined, onDenied })

  const rooms = createRooms({
    linger: LINGER,
    join: outbound.join,
    leave: outbound.leave,
    unanswered: (room) =>
      outbox.postWatchers(room, { type: 'error', error: outbound.unanswered(room).toJSON() }),
    changed(reports) {
      outbox.postRooms(reports)
      roomsTurned()
      handover.write()
      for (const [room, state] of reports)
        if (state === 'denied')
          outbox.postWatchers(room, { type: 'denied', room, reason: rooms.reason(room) ?? 'denied' })
    },
    gap(names, from, cause) {
      recorder.note({ what: 'gap', rooms: names, cause })
      outbox.gap(names, from, cause)
    },
    dropped(room) {
      outbox.forget(room)
      forgetPlace(room)
      roomsTurned()
    },
  })

  const inbound = createInbound({
    dialect: settings.dialect,
    route: settings.route,
    checks: settings.checks,
    largest: settings.largest,
    recorder,
    warn,
    rooms,
    sequence,
    positions,
    forgetPlace,
    onJoined,
    outbox,
    progress,
    onDenied,
    answers: (message) => sends?.answers(message) === true,
    onReload: createBroadcasts((order) => {
      recorder.note({ what: 'reload-ordered' })
      announcements.reload({ reason: 'broadcast', ...order })
    }),
    onHandled: () => handover.touch(),
  })

  /** The tab's page is gone: nothing is asked of it any more. */
  function dropPage(tab: string) {
    lead.leave(tab)
    reloads.leave(tab)
    moves.leave(tab)
    tokenRequests.gone(tab)
  }

  const tabs = createTabs({
    grace: settings.grace,
    arrived() {
      for (const listener of onArrival) listener()
      lead.elect()
    },
    watch: (tab, lock, gone) =>
      lock !== undefined && home.watchLock ? home.watchLock(lock, gone) : heartbeat.watch(tab, gone),
    went(tab) {
      outbox.detach(tab)
      dropPage(tab)
      recorder.note({ what: 'tab-left', tab: shortId(tab) })
      void records.write(tab, { panels: outbox.panels(tab), goneAt: now() })
      // Without tabs this worker may end at any moment.
      handover.write()
    },
    settled(tab) {
      arrivals.settle(tab)
      outbox.settle(tab)
      rooms.hold(tab, outbox.rooms(tab))
      void savePanels(tab)
    },
    forgotten(tab, hadGrace) {
      arrivals.forget(tab)
      dropPage(tab)
      sends?.forget(tab)
      outbox.remove(tab)
      rooms.hold(tab, [], hadGrace ? 0 : LINGER)
      if (hadGrace) records.close(tab)
      recorder.note({ what: 'tab-forgotten', tab: shortId(tab) })
      if (tabs.list().length > 0) return
      connection.stop()
      handover.end()
      reloads.rest()
    },
  })

  const lead = createLead({ tabs, post: outbox.post })

  const isPersistent = () => store.isPersistent()
  const unsent = () => sends?.kept?.count() ?? 0
  const statuses = createStatuses({ home, connection, isPersistent, unsent, recorder, reloads, tabs, outbox })
  /** Whether another worker serves, to which this one has handed over. */
  let isRetired = false
  const database = `${baseOf(home.name)}@${settings.server}`
  const store = createStore(database, {
    changed: statuses.postAll,
    rewrite() {
      if (isRetired) return
      records.rewrite()
      sends?.kept?.rewrite()
    },
    confirmed: home.confirmed,
    isOurs: () => !isRetired,
  })
  const sends = settings.createSends?.({
    dialect: settings.dialect,
    guarded,
    connection,
    stateOf: (room) => (rooms.isJoined(room) ? 'live' : rooms.report([room])[0]?.[1]),
    redact: auth.redact,
    home,
    database,
    store,
    count: recorder.count,
    ended: (outcome) => outbox.postAll({ type: 'kept', outcome }),
    changed: statuses.postAll,
  })
  const records = createRecords(store)
  const describeSession = () => progress.record(rooms.session(), tabs.list(), outbox.unsettled())
  // Where another worker serves the other pages, the records are that worker's.
  const ownsRecords = () => !isRetired && (!home.place || place() !== undefined)
  const handover = createHandover({
    ownsRecords,
    home,
    isGranted,
    hung,
    arrived,
    records,
    progress,
    grace: settings.grace,
    describe: describeSession,
    revive: (tab, { panels, goneAt }, missing, isTooLate) =>
      arrivals.expect(tab, panels, missing, goneAt !== undefined, isTooLate),
    carry: rooms.carry,
    note: recorder.note,
  })

  function savePanels(tab: string): Promise<void> {
    handover.write()
    return records.write(tab, { panels: outbox.panels(tab) })
  }

  const shared = {
    home,
    startedAt,
    url: settings.server,
    build,
    describeSession,
    moves,
    lead,
    reloads,
    tokenRequests,
    announcements,
    statuses,
    tabs,
    outbox,
    rooms,
    connection,
    handover,
    records,
    recorder,
    sends,
  }
  const arrivals = createArrivals({
    ...shared,
    panels,
    inherits: inheritance !== undefined,
    place,
    heartbeat,
    outbound,
    savePanels,
    claim: (tab) => home.shared || handover.claim(tab),
  })
  if (inheritance) inherit(inheritance, { ...shared, panels, checks: settings.checks })
  else if (home.shared && ownsRecords()) handover.claim()
  return createEngine({
    ...shared,
    arrivals,
    progress,
    retired() {
      isRetired = true
      store.close()
    },
  })
}
