import { PartylineError } from '../src/errors'
import {
  baseOf,
  type Hello,
  type Hidden,
  keyOf,
  type Nudge,
  type PanelRef,
  PROTOCOL,
  type Snapshot,
  type Status,
  type ToTab,
  type ToWorker,
  type Welcome,
} from '../src/protocol'
import { createAuth } from './auth'
import type { Parcel } from './backlog'
import { read } from './dialect'
import { createDialer } from './dialer'
import { createHeartbeat } from './heartbeat'
import { createLedger } from './ledger'
import { type Arrival, createLink } from './link'
import type { Settings } from './options'
import { createOrders } from './orders'
import { type Call, createOutbox } from './outbox'
import { roomsOf } from './panels'
import { createPulse } from './pulse'
import { createRecorder } from './recorder'
import { createRecords, type Found, type TabRecord } from './records'
import { createRooms } from './rooms'
import { createSequence } from './sequence'
import { createStore } from './store'
import { createSuppliers } from './suppliers'
import { createTabs } from './tabs'
import { createVersionPoll } from './version'

/** How long the last leave of a room waits. */
const LINGER = 1000
/** A version that differs is looked at again after so many ms, up to twice as many. */
const CONFIRM = 700
/** Those who would try again all at once are spread over so many ms. */
const TOGETHER = 500
/** The most tabs one worker serves. */
const TABS = 1000
/** How long the first handshake waits for what the database knows of the last session. */
const PATIENCE = 300
/** How often it is written down how far the tabs have got. */
const LEDGER = 200
/** How many names of unrouted events are warned about. */
const WARNINGS = 100

/** Who runs the switchboard: what it is called, and what it has from its surroundings. */
export interface Home {
  readonly name: string
  readonly incarnation: string
  readonly shared: boolean
  /** The lock held for the life of this worker, where there are locks. */
  readonly lock: string | undefined
  /** Whether nobody holds a lock, now or in a moment. */
  readonly isFree: (lock: string) => Promise<boolean>
  readonly watchLock: ((lock: string, freed: () => void) => () => void) | undefined
}

/** What a page that said hello may ask for. Rejects with `unregistered` once the tab is taken for gone. */
export interface Session {
  readonly welcome: Welcome
  heard(message: ToWorker): void
  subscribe(panel: PanelRef, call: Call): Promise<void>
  unsubscribe(panel: PanelRef): Promise<void>
  ping(): string
  leave(): Promise<void>
}

/** What the calls of any page lead to. Arguments are checked by `api.ts`. */
export interface Engine {
  hello(hello: Hello, deliver: (message: ToTab) => void): Session
  retry(): void
  disconnect(): void
  connect(): void
  inspect(): Snapshot
  ping(): string
  signOut(): Promise<void>
}

/** Wires the rooms of the worker together: `link → dialect → outbox` one way, `api → rooms → link` the other. */
export function createSwitchboard(settings: Settings, home: Home): Engine {
  const { dialect, panels } = settings
  const startedAt = Date.now()
  const recorder = createRecorder()
  const warned = new Set<string>()
  /** The page that speaks for a tab now; an earlier page of the same tab is not heard any more. */
  const speakers = new Map<string, Session>()
  let rtt: number | undefined
  let wasOpen = false
  /** Since when the line is offline. */
  let downSince: number | undefined
  let lastLook: Snapshot['version']
  /** Number of the last event that came without one; begins where no earlier worker has counted. */
  let lastId = startedAt * 1000
  /** Runs for a while after the ledger was written. */
  let ledgerRest: ReturnType<typeof setTimeout> | undefined
  let isLedgerDue = false
  let written: string | undefined
  /** The last reload the server ordered, for pages that are away and come back as they were. */
  let broadcast: { readonly at: number; readonly message: ToTab } | undefined
  /** Whose session it is, where the worker is a tab's own. */
  let owner: string | undefined
  /** Settles when what earlier workers left is taken up, or when the database takes too long. */
  let ready: Promise<unknown> = Promise.resolve()

  const ledger = createLedger(home.name, home.lock)
  const sequence = createSequence()
  const heartbeat = createHeartbeat((tab) => outbox.post(tab, { type: 'beat' }))
  const outbox = createOutbox({ retain: settings.retain, queue: settings.queue, count: recorder.count })

  const tabs = createTabs({
    grace: settings.grace,
    watch: (tab, lock, gone) =>
      lock !== undefined && home.watchLock ? home.watchLock(lock, gone) : heartbeat.watch(tab, gone),
    went(tab) {
      outbox.detach(tab)
      orders.leave(tab)
      suppliers.gone(tab)
      recorder.note(`tab ${tab} went away`)
      void records.write(tab, { panels: outbox.panels(tab), goneAt: Date.now() })
      // Without tabs this worker may end at any moment.
      writeLedger()
    },
    settled(tab) {
      outbox.settle(tab)
      void changed(tab)
    },
    forgotten(tab) {
      speakers.delete(tab)
      outbox.remove(tab)
      rooms.hold(tab, [])
      recorder.note(`tab ${tab} forgotten`)
      if (tabs.list().length > 0) return
      dialer.stop()
      endSession()
      poll?.rest()
    },
  })

  const rooms = createRooms({
    linger: LINGER,
    join(room) {
      recorder.count('joins')
      const askedAt = performance.now()
      link.send(dialect.join(room), (answer) => {
        rtt = Math.round(performance.now() - askedAt)
        const reason = dialect.denial(answer)
        if (reason === undefined) rooms.confirm(room)
        else rooms.deny(room, reason)
      })
    },
    leave(room) {
      recorder.count('leaves')
      link.send(dialect.leave(room))
    },
    changed(reports) {
      outbox.postRooms(reports)
      writeLedger()
      for (const [room, state] of reports) if (state === 'denied') announceDenial(room)
    },
    gap(room, from, cause) {
      recorder.note(`gap in ${room}: ${cause}`)
      outbox.gap(room, from, cause)
    },
    dropped(room) {
      outbox.forget(room)
      sequence.forget(room)
    },
  })

  const link = createLink(settings.url, settings.socket, {
    opened(opening) {
      ledger.opened(opening.session, opening.recovered)
      if (!opening.recovered) sequence.reset()
      dialer.opened(opening)
      outbox.catchUp(opening.missed.flatMap(understand))
    },
    lost: (loss) => dialer.lost({ ...loss, reason: auth.redact(loss.reason) }),
    message(message) {
      for (const event of understand(message)) outbox.publish(event)
    },
    alive: () => pulse.heard(),
  })

  const suppliers = createSuppliers((tab, call) => outbox.post(tab, { type: 'token', call }))

  const auth = createAuth({
    sources: () =>
      settings.token
        ? [{ name: 'worker', ask: settings.token }]
        : tabs.suppliers().map((tab) => ({ name: tab, ask: () => suppliers.ask(tab) })),
    isRefusal: dialect.refusal,
  })

  const pulse = createPulse({
    keepalive: settings.keepalive,
    probe(answered) {
      const askedAt = performance.now()
      link.probe(() => {
        rtt = Math.round(performance.now() - askedAt)
        answered()
      })
    },
    dead: (why) => dialer.redial(why),
    woke() {
      recorder.note('woke from sleep')
      nudged('resume')
    },
  })

  const orders = createOrders({
    reloadAfter: settings.reloadAfter,
    give(tab, order) {
      recorder.count('reloads')
      recorder.note(`tab ${tab} is to reload: ${order.reason} ${order.version ?? ''}`)
      outbox.post(tab, { type: 'reload', order })
    },
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
      read: dialect.version,
      asked: () => recorder.count('polls'),
      answered(version) {
        lastLook = { at: Date.now(), version }
        orders.seen(version, downSince === undefined ? 0 : Date.now() - downSince)
      },
      unreachable(error) {
        lastLook = { at: Date.now(), error }
      },
    })

  const dialer = createDialer({
    link,
    retry: settings.retry,
    async credentials() {
      await ready
      const session = ledger.session()
      return { ...(await auth.credentials()), ...(session && { session }) }
    },
    isRefusal: dialect.refusal,
    refused: auth.refused,
    changed({ state, recovered, error }) {
      const isOpen = dialer.isOpen()
      if (isOpen !== wasOpen) {
        wasOpen = isOpen
        recorder.count(isOpen ? 'connects' : 'drops')
        if (isOpen) opened(recovered === true)
        else closed()
      }
      if (state === 'offline' || state === 'unauthorized') poll?.start()
      else if (state === 'paused') poll?.rest()
      if (state === 'offline') downSince ??= Date.now()
      else if (state !== 'connecting') downSince = undefined
      recorder.note(error ? `${state}: ${error.message}` : state)
      postStatus()
    },
  })

  function opened(recovered: boolean) {
    rooms.opened(recovered)
    pulse.start()
    poll?.rest()
    poll?.look(0)
    orders.online()
  }

  function closed() {
    rooms.lost(pulse.heardAt())
    pulse.rest()
  }

  /** Takes up what earlier workers left of these tabs: their rooms, and the session they were in. */
  async function takeUp(found: Found, those: Iterable<readonly [tab: string, record: TabRecord]>) {
    const session = found.session(owner)
    const until = session?.at ?? startedAt
    const covered = new Map(session?.tabs.map(([tab, since]) => [tab, since]))
    const had = new Set<string>()
    for (const [tab, record] of those) {
      tabs.expect(tab)
      const since = covered.has(tab) ? covered.get(tab) : (record.goneAt ?? record.at)
      for (const room of revive(tab, record, wasOpen ? Math.min(until, since ?? until) : since)) had.add(room)
    }
    // Too late to go on with a session; each panel has been told what it may miss.
    if (wasOpen || had.size === 0) return
    // A worker that hangs has its session still: the server would take the rooms of both away with the first of them.
    const isOver =
      session?.worker === home.name && (session.lock === undefined || (await home.isFree(session.lock)))
    rooms.carry(had, until, isOver ? session.rooms : [])
    if (isOver) ledger.restore(session)
  }

  // Last, because a database that cannot be opened tells the tabs at once.
  const store = createStore(`${baseOf(home.name)}@${settings.url}`, {
    changed: postStatus,
    rewrite: () => records.rewrite(),
  })
  const records = createRecords(store)

  // Tabs that were here a moment ago are taken for alive until `grace` is over: their rooms are joined before
  // their pages have run a line of code.
  if (home.shared) {
    restore((found) => {
      const recent = [...found.tabs].filter(
        ([, { goneAt }]) => goneAt === undefined || Date.now() - goneAt <= settings.grace,
      )
      return takeUp(found, recent)
    })
  }

  function restore(take: (found: Found) => unknown) {
    ready = Promise.race([records.loaded.then(take), new Promise((late) => setTimeout(late, PATIENCE))])
  }

  /** The first change after quiet is written at once, the rest of a while together. */
  function touchLedger() {
    isLedgerDue = true
    if (ledgerRest === undefined) writeLedger()
  }

  function writeLedger() {
    isLedgerDue = false
    clearTimeout(ledgerRest)
    ledgerRest = setTimeout(() => {
      ledgerRest = undefined
      if (isLedgerDue) writeLedger()
    }, LEDGER)
    const record = ledger.record(rooms.session(), tabs.list(), outbox.unsettled())
    const text = JSON.stringify(record)
    if (text === written) return
    written = text
    void records.keepSession(owner, record)
  }

  function endSession() {
    isLedgerDue = false
    written = undefined
    ledger.ended()
    void records.keepSession(owner, undefined)
  }

  /** Something happened that makes a try worthwhile. */
  function nudged(why: Nudge) {
    if (dialer.isOpen()) return pulse.check()
    if (dialer.status().state === 'unauthorized') {
      void auth.isRenewed().then((renewed) => renewed && dialer.retry(false))
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
    return records.write(tab, { panels: outbox.panels(tab) })
  }

  /** Wants again what a record says, until the tab says so itself. Panels this dashboard no longer has are passed over. */
  function revive(tab: string, { panels: refs }: TabRecord, missing?: number): readonly string[] {
    const all: string[] = []
    for (const ref of refs) {
      try {
        const names = roomsOf(panels, ref)
        all.push(...names)
        outbox.keep(tab, ref, names, missing)
      } catch {
        recorder.note(`panel ${keyOf(ref)} of tab ${tab} is not known any more`)
      }
    }
    rooms.hold(tab, outbox.rooms(tab))
    dialer.start()
    return all
  }

  function announceDenial(room: string) {
    outbox.postWatchers(room, { type: 'denied', room, reason: rooms.reason(room) ?? 'denied' })
  }

  function warnOnce(name: string, text: string) {
    if (warned.size >= WARNINGS || warned.has(name)) return
    warned.add(name)
    console.warn(`[partyline] ${text}`)
  }

  /** Does what a message asks for, and returns the events in it. */
  function understand(message: Arrival): readonly Parcel[] {
    recorder.count('received')
    pulse.heard()
    const at = Date.now()
    const id = message.position ?? ++lastId
    ledger.received(id, at)
    touchLedger()
    const reading = read(dialect, settings.route, message, rooms.isJoined)
    switch (reading.kind) {
      case 'data': {
        recorder.count('data')
        const { name, data, numbers } = reading
        return reading.rooms
          .filter((room, index) => isFresh(room, numbers?.[index], at))
          .map((room) => ({ id, room, name, data, at, replayed: false, size: message.size }))
      }
      case 'system':
        recorder.count('system')
        break
      case 'joined':
        recorder.count('system')
        rooms.confirm(reading.room)
        break
      case 'denied':
        recorder.count('system')
        rooms.deny(reading.room, reading.reason)
        break
      case 'reload':
        recorder.count('reloads')
        recorder.note('reload ordered by the server')
        broadcast = { at, message: { type: 'reload', order: { reason: 'broadcast', ...reading.order } } }
        outbox.postAll(broadcast.message)
        break
      case 'unrouted':
        recorder.count('unrouted')
        warnOnce(
          message.name,
          `Event "${message.name}" names no room, so nobody gets it. Send { room, … }, name the event after its room, ` +
            `or tell serve: route: (name) => (name === ${JSON.stringify(message.name)} ? 'its-room' : undefined)`,
        )
        break
      case 'malformed':
        recorder.count('malformed')
        warnOnce(message.name, `Event "${message.name}" could not be read: ${reading.why}`)
    }
    return []
  }

  /** Whether an event of a room is for anybody, and not there already. Owns up to what is missing before it. */
  function isFresh(room: string, number: number | undefined, at: number): boolean {
    if (!rooms.has(room)) {
      recorder.count('unwanted')
      return false
    }
    // Who hears from a room is in it, whether or not the server says so.
    rooms.confirm(room)
    const verdict = number === undefined ? 'next' : sequence.judge(room, number, at)
    if (verdict === 'again') recorder.count('duplicates')
    else if (verdict !== 'next') outbox.gap(room, verdict.since, 'sequence')
    return verdict !== 'again'
  }

  async function tellRestored(tab: string, copyOf: string | undefined) {
    const source = copyOf ?? tab
    const record = records.get(source) ?? (await records.loaded).tabs.get(source)
    if (!tabs.isHere(tab)) return
    if (record) {
      revive(tab, record)
      void changed(tab)
    }
    outbox.post(tab, { type: 'restored', panels: record?.panels ?? [] })
  }

  function openSession(tab: string, hidden: Hidden): Session {
    const speaks = () => speakers.get(tab) === session && tabs.isHere(tab)
    const expectSpeaker = () => {
      if (!speaks())
        throw new PartylineError('unregistered', 'The worker does not know this tab; say hello again.')
    }
    /** The page lived on: what came since then, while this worker did not keep it, is missing. */
    function ownUp(names: readonly string[], since: number, isKept: boolean) {
      const isOlder = since < startedAt
      if (isKept && !isOlder) return
      const cause = isOlder ? 'worker' : 'away'
      const untold = names.filter((name) => !rooms.miss(name, since, cause))
      if (!isKept && untold.length > 0) outbox.gapFor(tab, untold, since, cause)
    }
    const session: Session = {
      welcome: { incarnation: home.incarnation, ...(home.lock !== undefined && { lock: home.lock }) },
      heard(message) {
        if (!speaks()) return
        heartbeat.heard(tab)
        switch (message.type) {
          case 'took':
            outbox.took(tab)
            return touchLedger()
          case 'bye':
            return tabs.depart(tab)
          case 'nudge':
            if (message.why === 'visible' || message.why === 'hidden') {
              tabs.show(tab, message.why === 'visible')
              outbox.background(tab, message.why === 'hidden' && hidden === 'latest')
            }
            if (message.why !== 'hidden') nudged(message.why)
            return
          case 'token':
            return suppliers.answer(tab, message.call, message.answer)
        }
      },
      async subscribe(ref, call) {
        await ready
        expectSpeaker()
        const names = roomsOf(panels, ref)
        const isKept = outbox.isKept(tab, ref)
        outbox.keep(tab, ref, names)
        rooms.hold(tab, outbox.rooms(tab))
        if (call.since !== undefined) ownUp(names, call.since, isKept)
        outbox.open(tab, ref, names, call, rooms.report(names))
        for (const name of names) {
          const reason = rooms.reason(name)
          if (reason !== undefined) outbox.post(tab, { type: 'denied', room: name, reason })
        }
        await changed(tab)
      },
      async unsubscribe(ref) {
        await ready
        expectSpeaker()
        outbox.shut(tab, ref)
        await changed(tab)
      },
      ping() {
        if (!tabs.isHere(tab)) expectSpeaker()
        return home.incarnation
      },
      async leave() {
        if (!speaks()) return
        tabs.forget(tab)
        await records.remove(tab)
      },
    }
    return session
  }

  return {
    hello(hello, deliver) {
      const {
        protocol,
        worker,
        tab,
        copyOf,
        lock,
        version,
        visible = true,
        hidden = 'all',
        token = false,
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
      // If the tab's last page is still here, then it is gone: what it had is kept for the one that says hello now.
      tabs.depart(tab)
      if (!home.shared && owner === undefined) {
        owner = tab
        restore((found) => {
          const record = found.tabs.get(tab)
          return record && takeUp(found, [[tab, record]])
        })
      }
      const session = openSession(tab, hidden)
      speakers.set(tab, session)
      outbox.attach(tab, deliver, hello.seen ?? [])
      outbox.background(tab, !visible && hidden === 'latest')
      tabs.arrive(tab, { lock, visible, supplies: token })
      orders.arrive(tab, {
        version,
        memory: hello.orders ?? [],
        given: hello.given ?? [],
        remembers: hello.orders !== undefined,
      })
      // A page of another version than the one seen last: it is behind, or the others are.
      if (version !== undefined && lastLook?.version !== undefined && version !== lastLook.version)
        poll?.look(0)
      recorder.note(`tab ${tab} said hello`)
      touchLedger()
      dialer.start()
      if (visible || token) nudged('visible')
      outbox.post(tab, { type: 'status', status: statusFor(tab) })
      if (broadcast && hello.heardAt !== undefined && hello.heardAt < broadcast.at)
        outbox.post(tab, broadcast.message)
      void tellRestored(tab, copyOf)
      return session
    },
    retry: () => dialer.retry(true),
    disconnect() {
      dialer.pause()
      ledger.ended()
      writeLedger()
    },
    connect: () => dialer.resume(),
    inspect: () => ({
      incarnation: home.incarnation,
      worker: home.name,
      startedAt,
      status: status(),
      tabs: tabs.list().map((id) => ({
        id,
        here: tabs.isHere(id),
        visible: tabs.isVisible(id),
        panels: outbox.panels(id),
        waiting: outbox.waiting(id),
      })),
      rooms: rooms.inspect(),
      ...(lastLook && { version: lastLook }),
      counters: recorder.counters(),
      timeline: recorder.timeline(),
    }),
    ping: () => home.incarnation,
    async signOut() {
      recorder.note('signed out')
      outbox.postAll({ type: 'signout' })
      for (const tab of tabs.list()) tabs.forget(tab)
      outbox.forgetAll()
      endSession()
      await records.clear()
    },
  }
}
