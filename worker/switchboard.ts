import { PartylineError } from '../shared/errors'
import type { PanelRef } from '../shared/names'
import { baseOf, PROTOCOL } from '../shared/names'
import type { Snapshot } from '../shared/snapshot'
import type { Status } from '../shared/status'
import type { Hello } from '../shared/switchboard'
import type { Nudge, ToTab } from '../shared/wire'
import { now } from './clock'
import type { RoomEvent } from './delivery/event'
import { createOutbox } from './delivery/outbox'
import type { Rejection } from './dialect/dialect'
import { createGuard } from './dialect/guard'
import type { Home } from './home'
import { createAuth } from './link/auth'
import { createDialer } from './link/dialer'
import type { Arrival } from './link/link'
import { createLink } from './link/socket-io/link'
import { createTokenRequests } from './link/token-requests'
import { createWatchdog } from './link/watchdog'
import { createHandover } from './memory/handover'
import { createProgress } from './memory/progress'
import { createRecords } from './memory/records'
import { createStore } from './memory/store'
import { createInbound } from './messages/inbound'
import { createSequence } from './messages/sequence'
import type { Settings } from './options'
import type { Engine } from './pages/engine'
import { createHeartbeat } from './pages/heartbeat'
import { createRegistration, type Registration } from './pages/registration'
import { createTabs } from './pages/tabs'
import { createRecorder } from './recorder'
import { createOrders } from './reload/orders'
import { createVersionPoll } from './reload/version-poll'
import { PATIENCE } from './rooms/joins'
import { roomsOf } from './rooms/panel-table'
import { createRooms } from './rooms/rooms'
import { createWarnings } from './warnings'

/** How long the last leave of a room waits. */
const LINGER = 1000
/** A version that differs is looked at again after so many ms, up to twice as many. */
const CONFIRM = 700
/** Those who would try again all at once are spread over so many ms. */
const TOGETHER = 500
/** The most tabs one worker serves. */
const TABS = 1000
/** How much of a tab's id is shown. All of it would let a page say hello in that tab's place. */
const SHOWN = 12

const shown = (tab: string) => tab.slice(0, SHOWN)

/** What was told to all tabs, and when, by the clock that counts evenly. */
interface Announcement {
  readonly at: number
  readonly message: ToTab
}

/** Whether a page that has heard nothing for so many ms may have missed it. */
const isNews = ({ at }: Announcement, quietFor: number) => quietFor > performance.now() - at

/** Wires the rooms of the worker together: `link → dialect → outbox` one way, `api → rooms → link` the other. */
export function createSwitchboard(settings: Settings, home: Home): Engine {
  const { dialect, panels } = settings
  const startedAt = now()
  const recorder = createRecorder()
  /** The page that speaks for a tab now; an earlier page of the same tab is not heard any more. */
  const activePages = new Map<string, Registration>()
  let wasOpen = false
  let lastLook: Snapshot['version']
  /** The last sign-out, for pages that are away and come back as they were. */
  let signedOut: Announcement | undefined
  /** The last reload the server ordered, for pages that are away and come back as they were. */
  let broadcast: Announcement | undefined
  /** What the version endpoint gives in place of a version, for pages that come later, too. */
  let unreadable: Announcement | undefined

  const progress = createProgress(home.name, home.lock)
  const sequence = createSequence()
  const warn = createWarnings()
  const speak = createGuard(dialect, { malformed: () => recorder.count('malformed'), warn })
  const isRefusal = (rejection: Rejection) => speak('refusal', rejection)?.said === true
  const heartbeat = createHeartbeat((tab) => outbox.post(tab, { type: 'beat' }))
  const outbox = createOutbox({
    retain: settings.retain,
    queue: settings.queue,
    count: recorder.count,
    warn,
  })

  const tabs = createTabs({
    grace: settings.grace,
    watch: (tab, lock, gone) =>
      lock !== undefined && home.watchLock ? home.watchLock(lock, gone) : heartbeat.watch(tab, gone),
    went(tab) {
      outbox.detach(tab)
      orders.leave(tab)
      suppliers.gone(tab)
      recorder.note({ what: 'tab-left', tab: shown(tab) })
      void records.write(tab, { panels: outbox.panels(tab), goneAt: now() })
      // Without tabs this worker may end at any moment.
      handover.write()
    },
    settled(tab) {
      outbox.settle(tab)
      void changed(tab)
    },
    forgotten(tab, hadGrace) {
      activePages.delete(tab)
      orders.leave(tab)
      suppliers.gone(tab)
      outbox.remove(tab)
      rooms.hold(tab, [], hadGrace ? 0 : LINGER)
      recorder.note({ what: 'tab-forgotten', tab: shown(tab) })
      if (tabs.list().length > 0) return
      dialer.stop()
      handover.end()
      poll?.rest()
    },
  })

  const rooms = createRooms({
    linger: LINGER,
    join(room) {
      const message = speak('join', room)?.said
      if (!message) return false
      recorder.count('joins')
      const askedAt = performance.now()
      link.send(message, (acknowledgement) => {
        recorder.roundTrip(performance.now() - askedAt)
        const denial = speak('denial', acknowledgement)
        if (!denial) return
        if (denial.said === undefined) rooms.confirm(room)
        else deny(room, denial.said)
      })
      return true
    },
    unanswered: (room) => outbox.postWatchers(room, unanswered(room)),
    leave(room) {
      const message = speak('leave', room)?.said
      if (!message) return
      recorder.count('leaves')
      link.send(message)
    },
    changed(reports) {
      outbox.postRooms(reports)
      handover.write()
      for (const [room, state] of reports) if (state === 'denied') announceDenial(room)
    },
    gap(names, from, cause) {
      recorder.note({ what: 'gap', rooms: names, cause })
      outbox.gap(names, from, cause)
    },
    dropped(room) {
      outbox.forget(room)
      sequence.forget(room)
    },
  })

  /** The server keeps a room from this user. Its words may quote a token, as those of a refused handshake may. */
  function deny(room: string, reason: string) {
    rooms.deny(room, auth.redact(reason))
  }

  const link = createLink(settings.url, settings.socket, {
    opened(opening) {
      progress.opened(opening.session, opening.recovered)
      if (!opening.recovered) sequence.reset()
      dialer.opened(opening)
      take(opening.missed, outbox.catchUp)
    },
    lost: (loss) => dialer.lost({ ...loss, reason: auth.redact(loss.reason) }),
    message(message) {
      watchdog.heard()
      take([message], (events) => events.forEach(outbox.publish))
    },
    alive: () => watchdog.heard(),
  })

  /** Only what was given to the tabs may count as taken by all of them. */
  function take(messages: readonly Arrival[], give: (events: readonly RoomEvent[]) => void) {
    const understood = understand(messages)
    give(understood.flatMap(({ events }) => events))
    for (const { id, at } of understood) progress.received(id, at)
    handover.touch()
  }

  const understand = createInbound({
    dialect,
    route: settings.route,
    largest: settings.largest,
    count: recorder.count,
    warn,
    rooms: { ...rooms, deny },
    judge: sequence.judge,
    gap: outbox.gap,
    reload(order) {
      recorder.note({ what: 'reload-ordered' })
      broadcast = announce({ type: 'reload', order: { reason: 'broadcast', ...order } })
    },
  })

  const suppliers = createTokenRequests((tab, call) => outbox.post(tab, { type: 'token', call }))

  const auth = createAuth({
    sources: () =>
      settings.token
        ? [{ name: 'worker', ask: settings.token }]
        : tabs.suppliers().map((tab) => ({ name: tab, ask: () => suppliers.ask(tab) })),
    isRefusal,
  })

  const watchdog = createWatchdog({
    keepalive: settings.keepalive,
    probe(answered) {
      const askedAt = performance.now()
      link.probe(() => {
        recorder.roundTrip(performance.now() - askedAt)
        answered()
      })
    },
    dead: (why) => dialer.redial(why),
    woke() {
      recorder.note({ what: 'woke-from-sleep' })
      nudged('resume')
    },
  })

  const orders = createOrders({
    reloadAfter: settings.reloadAfter,
    give(tab, order, remembered) {
      recorder.count('reloads')
      recorder.note({ what: 'reload-given', tab: shown(tab), ...order })
      outbox.post(tab, { type: 'reload', order, ...remembered })
    },
    remind: (tab, remembered) => outbox.post(tab, { type: 'orders', ...remembered }),
    confirm: () =>
      poll?.look(Math.min(settings.version?.every ?? CONFIRM, CONFIRM + Math.random() * CONFIRM)),
    ineffective(tab, version) {
      const error = new PartylineError(
        'reload-ineffective',
        `This page was reloaded for version ${version}, and does not run it: a cache or a rolling deployment serves the old one.`,
      )
      outbox.post(tab, { type: 'error', error: error.toJSON() })
      outbox.post(tab, { type: 'status', status: statusFor(tab) })
    },
  })

  const poll =
    settings.version &&
    createVersionPoll({
      ...settings.version,
      read: (body) => speak('version', body)?.said,
      asked: () => recorder.count('polls'),
      answered(version, answeringFor) {
        unreadable = undefined
        lastLook = recorder.polled({ version })
        orders.seen(version, answeringFor)
      },
      failed(error) {
        lastLook = recorder.polled({ error })
      },
      unreadable(what) {
        const error = versionUnreadable(settings.version?.url ?? '', what)
        console.warn(`[partyline] ${error.message}`)
        unreadable = announce({ type: 'error', error: error.toJSON() })
      },
    })

  const dialer = createDialer({
    link,
    retry: settings.retry,
    async credentials() {
      await handover.ready()
      const session = progress.session()
      return { ...(await auth.credentials()), ...(session && { session }) }
    },
    isRefusal,
    refused: auth.refused,
    changed(status) {
      const { state, recovered, error } = status
      const isOpen = dialer.isOpen()
      if (isOpen !== wasOpen) {
        wasOpen = isOpen
        if (isOpen) opened(recovered === true)
        else closed(error?.message, state === 'paused' ? 'paused' : 'idle')
      }
      poll?.turned(state)
      recorder.turned(status)
      postStatus()
    },
  })

  function opened(recovered: boolean) {
    recorder.up(recovered)
    rooms.opened(recovered)
    watchdog.start()
    orders.online()
  }

  /** Without a loss it was hung up on purpose. */
  function closed(loss: string | undefined, hungUp: 'paused' | 'idle') {
    if (loss === undefined) recorder.down(hungUp, hungUp)
    else recorder.down(loss)
    rooms.lost(watchdog.heardAt())
    watchdog.rest()
  }

  // Last, because a database that cannot be opened tells the tabs at once.
  const store = createStore(`${baseOf(home.name)}@${settings.url}`, {
    changed: postStatus,
    rewrite: () => records.rewrite(),
  })
  const records = createRecords(store)
  const handover = createHandover({
    home,
    records,
    progress,
    grace: settings.grace,
    describe: () => progress.record(rooms.session(), tabs.list(), outbox.unsettled()),
    revive(tab, record, missing) {
      tabs.expect(tab)
      const all: string[] = []
      revive(tab, record.panels, (ref) => {
        const names = roomsOf(panels, ref)
        all.push(...names)
        outbox.keep(tab, ref, names, missing)
      })
      rooms.hold(tab, outbox.rooms(tab))
      dialer.start()
      return all
    },
    carry: rooms.carry,
    isTooLate: dialer.isOpen,
    note: recorder.note,
  })
  if (home.shared) handover.claim()

  function announce(message: ToTab): Announcement {
    outbox.postAll(message)
    return { at: performance.now(), message }
  }

  /** Something happened, in a tab perhaps, that makes a try worthwhile. */
  function nudged(why: Nudge, tab?: string) {
    if (dialer.isOpen()) return watchdog.check()
    if (dialer.status().state === 'unauthorized') {
      void auth.isRenewed(tab).then((renewed) => renewed && dialer.retry(false))
      return
    }
    // A network that is back, or a room full of machines that wake, brings everybody at once.
    setTimeout(() => dialer.retry(false), why === 'visible' ? 0 : Math.random() * TOGETHER)
  }

  function postStatus() {
    for (const tab of tabs.list()) outbox.post(tab, { type: 'status', status: statusFor(tab) })
  }

  function statusFor(tab: string): Status {
    const outdated = orders.ineffective(tab)
    return { ...status(), ...(outdated !== undefined && { outdated }) }
  }

  function status(): Status {
    const rtt = recorder.link().roundTrips.at(-1)?.ms
    return {
      ...dialer.status(),
      ...(rtt !== undefined && { rtt }),
      shared: home.shared,
      persistent: store.isPersistent(),
    }
  }

  /** A tab's panels changed: the rooms follow at once, the database as soon as it can. */
  function changed(tab: string): Promise<void> {
    rooms.hold(tab, outbox.rooms(tab))
    handover.write()
    return records.write(tab, { panels: outbox.panels(tab) })
  }

  /** Wants again what a tab had, until it says so itself. Panels this dashboard no longer has are passed over. */
  function revive(tab: string, refs: readonly PanelRef[], keep: (ref: PanelRef) => void) {
    for (const ref of refs) {
      try {
        keep(ref)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        recorder.note({ what: 'panel-not-restored', tab: shown(tab), panel: ref, reason })
      }
    }
  }

  function announceDenial(room: string) {
    outbox.postWatchers(room, { type: 'denied', room, reason: rooms.reason(room) ?? 'denied' })
  }

  function unanswered(room: string): ToTab {
    const asked = speak('join', room)?.said.name ?? 'join'
    const error = new PartylineError(
      'join-unanswered',
      `The server has not answered "${asked}" for room "${room}" within ${PATIENCE / 1000} s, so the room stays "joining". It is asked again. ` +
        `The server should acknowledge "${asked}", or emit what its dialect reads as joined or denied: by default ` +
        `"room_joined" or "room_denied" with { room: "${room}" }.`,
    )
    return { type: 'error', error: error.toJSON() }
  }

  async function tellRestored({ tab, copyOf = tab, had = [] }: Hello, session: Registration) {
    const record = records.get(copyOf) ?? (await records.loaded.then(() => records.get(copyOf)))
    if (!tabs.isHere(tab) || activePages.get(tab) !== session) return
    // Where the database has lost it, the page knows.
    const refs = record?.panels ?? had.map(([ref]) => ref)
    revive(tab, refs, session.keep)
    if (refs.length > 0) void changed(tab)
    outbox.post(tab, { type: 'restored', panels: refs })
  }

  function register({ tab, hidden, had, clock }: Hello): Registration {
    const session = createRegistration({
      tab,
      welcome: { incarnation: home.incarnation, ...(home.lock !== undefined && { lock: home.lock }) },
      locked: home.locked,
      had,
      clock,
      startedAt,
      speaks: () => activePages.get(tab) === session && tabs.isHere(tab),
      isHere: () => tabs.isHere(tab),
      ready: handover.ready,
      roomsOf: (ref) => roomsOf(panels, ref),
      outbox,
      rooms,
      unanswered,
      changed: () => changed(tab),
      took(count) {
        outbox.took(tab, count)
        handover.touch()
      },
      alive: () => heartbeat.heard(tab),
      bye: () => tabs.depart(tab),
      nudged(why) {
        if (why === 'visible' || why === 'hidden') {
          tabs.show(tab, why === 'visible')
          outbox.background(tab, why === 'hidden' && hidden === 'latest')
        }
        if (why !== 'hidden') nudged(why, tab)
      },
      answered: (call, answer) => suppliers.answer(tab, call, answer),
      async left() {
        tabs.forget(tab)
        await records.remove(tab)
      },
    })
    return session
  }

  return {
    hello(hello, deliver) {
      const {
        protocol,
        worker,
        tab,
        lock,
        version,
        visible = true,
        hidden = 'all',
        token = false,
        quietFor,
      } = hello
      if (protocol !== PROTOCOL || worker !== home.name) {
        throw new PartylineError(
          'wrong-worker',
          `The page asked for worker "${worker}", protocol ${protocol}; this is "${home.name}", protocol ${PROTOCOL}. ` +
            'Hand the options on: (options) => new SharedWorker(url, { ...options, type: "module" }).',
        )
      }
      if (!tabs.has(tab) && tabs.list().length >= TABS) {
        throw new PartylineError('limit', `One worker serves ${TABS} tabs at most.`)
      }
      if (signedOut && quietFor !== undefined && isNews(signedOut, quietFor)) {
        deliver(signedOut.message)
        return register(hello)
      }
      // If the tab's last page is still here, then it is gone: what it had is kept for the one that says hello now.
      tabs.depart(tab)
      if (!home.shared) handover.claim(tab)
      const session = register(hello)
      activePages.set(tab, session)
      outbox.attach(tab, deliver, hello.seen ?? [])
      outbox.background(tab, !visible && hidden === 'latest')
      tabs.arrive(tab, { lock, visible, supplies: token })
      orders.arrive(tab, {
        version,
        memory: hello.orders ?? [],
        given: hello.given ?? [],
        remembers: hello.orders !== undefined,
      })
      if (dialer.isOpen()) orders.online()
      // A page of another version than the one seen last: it is behind, or the others are.
      if (version !== undefined && lastLook?.version !== undefined && version !== lastLook.version)
        poll?.look(0)
      recorder.note({ what: 'tab-arrived', tab: shown(tab) })
      handover.touch()
      dialer.start()
      if (visible || token) nudged('visible', tab)
      outbox.post(tab, { type: 'status', status: statusFor(tab) })
      if (broadcast && quietFor !== undefined && isNews(broadcast, quietFor))
        outbox.post(tab, broadcast.message)
      if (unreadable && isNews(unreadable, quietFor ?? Number.POSITIVE_INFINITY))
        outbox.post(tab, unreadable.message)
      void tellRestored(hello, session)
      return session
    },
    retry: () => dialer.retry(true),
    disconnect() {
      dialer.pause()
      progress.ended()
      handover.write()
    },
    connect: () => dialer.resume(),
    inspect: () => ({
      incarnation: home.incarnation,
      worker: home.name,
      startedAt,
      status: status(),
      tabs: tabs.list().map((id) => ({
        id: shown(id),
        here: tabs.isHere(id),
        visible: tabs.isVisible(id),
        panels: outbox.panels(id),
        waiting: outbox.waiting(id),
        unanswered: outbox.unanswered(id),
      })),
      rooms: rooms.inspect(),
      link: recorder.link(),
      ...(lastLook && { version: lastLook }),
      counters: recorder.counters(),
      timeline: recorder.timeline(),
    }),
    ping: () => home.incarnation,
    refused: () => recorder.count('refused'),
    async signOut() {
      recorder.note({ what: 'signed-out' })
      signedOut = announce({ type: 'signout' })
      for (const tab of tabs.list()) tabs.forget(tab)
      outbox.forgetAll()
      handover.end()
      await records.clear()
    },
  }
}

/** Names the endpoint without its query, which may be nobody's business. */
function versionUnreadable(url: string, what: string): PartylineError {
  const { origin, pathname } = new URL(url)
  return new PartylineError(
    'version-unreadable',
    `The version endpoint "${origin}${pathname}" gives no version: it answers with ${what}. So no page is told to reload ` +
      'for a new version, or when it is stuck. Let it answer with { "version": "…" } as JSON, or with one line of text. ' +
      'Often a login page, or an index.html that stands in for missing files, answers in its place.',
  )
}
