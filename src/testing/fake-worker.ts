import { PartylineError } from '../../shared/errors'
import type { KeptOutcome, Unsent } from '../../shared/kept'
import { keyOf, type PanelRef } from '../../shared/names'
import type { RoomState, Status } from '../../shared/status'
import type { Switchboard } from '../../shared/switchboard'
import type { Brief, Listens, RoomReport, ToTab, ToWorker } from '../../shared/wire'
import { snapshotOf } from './snapshot'

interface Room {
  readonly state: RoomState
  readonly since: number
  readonly reason?: string
}

/** A panel that the page is subscribed to, the number of its `subscribe` call, and who listens. */
interface Subscription {
  readonly ref: PanelRef
  readonly call: number
  readonly listens: Listens
}

/** An event to deliver. `name` is the room's by default, `at` is now. */
export interface FakeEvent {
  readonly room: string
  readonly name?: string
  readonly data: unknown
  readonly at?: number
}

/** A message that the page has sent. */
export interface SentMessage {
  readonly name: string
  readonly payload: unknown
}

/** How long messages are kept, in ms, as `serve` does by default. Here none expires. */
const KEEP_FOR = 3_600_000

export interface FakeWorkerParts {
  /** How many last values to keep per room. */
  readonly retain: number
  readonly status: Status
  /** Posts a message to the page. */
  readonly post: (message: ToTab) => void
}

/** The calls that a line makes to a worker, and the calls by which a test drives that worker. */
export interface FakeWorker {
  /** The worker's API, as a line calls it. */
  readonly calls: Switchboard
  /** The page has posted a message. */
  heard(message: ToWorker): void
  /** The panels that the page is subscribed to. */
  panels(): readonly PanelRef[]
  /** The messages that the page has sent. */
  sent(): readonly SentMessage[]
  /** Sets how messages of this name are answered. */
  answer(name: string, answer: (payload: unknown) => unknown): void
  setStatus(change: Partial<Status>): void
  setRooms(ref: PanelRef, states: Readonly<Partial<Record<string, RoomState>>>): void
  deny(ref: PanelRef, room: string, reason: string): void
  push(ref: PanelRef, event: FakeEvent): void
  /** Whether this tab is the one in front. */
  setFront(isInFront: boolean): void
}

/**
 * Creates a fake worker, which runs in the page. It carries out a line's calls, and posts what a test makes happen. It has
 * no table of panels: a panel has the rooms that were named together with it.
 */
export function createFakeWorker({ retain, post, ...parts }: FakeWorkerParts): FakeWorker {
  const startedAt = Date.now()
  const rooms = new Map<string, Room>()
  /** By the panel's key. */
  const roomsByPanel = new Map<string, Set<string>>()
  const subscriptions = new Map<string, Subscription>()
  const sent: SentMessage[] = []
  const answers = new Map<string, (payload: unknown) => unknown>()
  const kept = new Map<string, Unsent>()
  /** The ids of the kept messages that are being answered. */
  const trying = new Set<string>()
  /** Messages that wait until the line is not `connecting` any more. */
  const waiting: (() => void)[] = []
  let { status } = parts
  let lastValues: readonly Brief[] = []
  let lastId = 0
  let isFirst = true
  /** The page's `lead` call, while it listens. */
  let leadCall = 0

  const roomsOf = (ref: PanelRef): readonly string[] => [...(roomsByPanel.get(keyOf(ref)) ?? [])]
  const panels = () => [...subscriptions.values()].map(({ ref }) => ref)
  const isWanted = (room: string) => panels().some((ref) => roomsOf(ref).includes(room))
  const reportsOf = (names: readonly string[]): readonly RoomReport[] =>
    names.flatMap((name) => {
      const room = rooms.get(name)
      return room ? [[name, room.state, room.since] as const] : []
    })

  const postLead = () => {
    if (leadCall > 0) post({ type: 'lead', call: leadCall, leads: isFirst })
  }

  function open({ ref, call }: Subscription, replays: readonly Brief[]) {
    const reports = reportsOf(roomsOf(ref))
    post({ type: 'opened', panel: ref, call, rooms: reports, replays: replays.length, events: replays })
  }

  function setRoom(name: string, state: RoomState, reason = '') {
    const before = rooms.get(name)
    const since = before?.state === state ? before.since : Date.now()
    rooms.set(name, { state, since, ...(state === 'denied' && { reason }) })
    if (before) post({ type: 'rooms', rooms: reportsOf([name]) })
  }

  function addRoom(ref: PanelRef, room: string) {
    const known = roomsByPanel.get(keyOf(ref)) ?? new Set()
    roomsByPanel.set(keyOf(ref), known)
    if (known.has(room)) return
    known.add(room)
    // Tells a page that is subscribed to the panel which rooms the panel has now.
    const subscription = subscriptions.get(keyOf(ref))
    if (subscription) open(subscription, [])
  }

  function reportDenial(room: string) {
    const { state, reason = '' } = rooms.get(room) ?? {}
    if (state === 'denied') post({ type: 'denied', room, reason })
  }

  function setStatus({ state = status.state, ...change }: Partial<Status>) {
    const { shared, persistent } = status
    const { unsent: _, ...others } = status
    const isNewState = state !== status.state
    status = {
      ...(isNewState ? { since: Date.now(), attempt: 0, shared, persistent } : others),
      ...(kept.size > 0 && { unsent: kept.size }),
      ...change,
      state,
    }
    post({ type: 'status', status })
    if (!isNewState) return
    for (const go of waiting.splice(0)) go()
    sendKept()
    // No room is live without a connection. Those that were live are so again with the next one.
    const [from, to] = state === 'online' ? (['stale', 'live'] as const) : (['live', 'stale'] as const)
    for (const [name, room] of rooms) if (room.state === from) setRoom(name, to)
  }

  /** `timeout`: how long it waits while the line is `connecting`, in ms. */
  async function send(name: string, payload: unknown, timeout = 0): Promise<unknown> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      for (const go of waiting.splice(0)) go()
    }, timeout)
    while (status.state === 'connecting' && !isLate)
      await new Promise<void>((resolve) => waiting.push(resolve))
    clearTimeout(timer)
    if (status.state !== 'online')
      throw new PartylineError('not-sent', `"${name}" was not sent: the line is ${status.state}.`)
    sent.push({ name, payload })
    const answer = answers.get(name)
    if (!answer)
      throw new PartylineError(
        'unanswered',
        `The test has not said how "${name}" is answered: answer("${name}", …).`,
      )
    try {
      return await answer(payload)
    } catch (error) {
      throw error instanceof PartylineError
        ? error
        : new PartylineError('refused', String((error as Error).message))
    }
  }

  /** As the server does that got a message: tells how it ended, or leaves it for the next time. */
  async function sendKept() {
    for (const { id, name, payload } of kept.values()) {
      if (status.state !== 'online' || !answers.has(name) || trying.has(id)) continue
      trying.add(id)
      const ended = await send(name, payload).then(
        (answer) => ({ outcome: 'acknowledged', answer }) as const,
        ({ reason, message }: PartylineError) =>
          reason === 'unanswered' || reason === 'not-sent'
            ? undefined
            : ({ outcome: 'refused', reason: message } as const),
      )
      trying.delete(id)
      if (ended) end(id, ended)
    }
  }

  function end(id: string, ended: Pick<KeptOutcome, 'outcome' | 'answer' | 'reason'>): boolean {
    const message = kept.get(id)
    if (!kept.delete(id) || !message) return false
    post({ type: 'kept', outcome: { id, name: message.name, ...ended } })
    setStatus({})
    return true
  }

  function keep(id: string, name: string, payload: unknown) {
    const at = Date.now()
    if (!kept.has(id)) kept.set(id, { id, name, payload, at, expires: at + KEEP_FOR })
    setStatus({})
    void sendKept()
    return { kept: id }
  }

  return {
    panels,
    sent: () => [...sent],
    answer(name, answer) {
      answers.set(name, answer)
      void sendKept()
    },
    setStatus,
    setRooms(ref, states) {
      for (const [room, state] of Object.entries(states)) {
        if (state === undefined) continue
        setRoom(room, state)
        addRoom(ref, room)
      }
    },
    deny(ref, room, reason) {
      setRoom(room, 'denied', reason)
      addRoom(ref, room)
      if (isWanted(room)) reportDenial(room)
    },
    push(ref, { room, name = room, data, at = Date.now() }) {
      const { state = 'joining' } = rooms.get(room) ?? {}
      // A room that delivers events has been joined.
      if (state === 'joining') setRoom(room, 'live')
      addRoom(ref, room)
      lastId += 1
      const event: Brief = [lastId, room, name, at, data]
      const ofRoom = [...lastValues.filter((last) => last[1] === room), event]
      const tooOld = ofRoom.slice(0, Math.max(0, ofRoom.length - retain))
      lastValues = [...lastValues, event].filter((last) => !tooOld.includes(last))
      const wanting = [...subscriptions.values()].filter((each) => roomsOf(each.ref).includes(room))
      if (wanting.some(({ listens }) => listens !== 'one')) post({ type: 'events', events: [event] })
      for (const { ref: panel, listens } of isFirst ? wanting : [])
        if (listens !== 'all')
          post({ type: 'one', panel, call: lastId, until: Infinity, mayRepeat: false, events: [event] })
    },
    heard(message) {
      if (message.type !== 'lead') return
      leadCall = message.call
      queueMicrotask(postLead)
    },
    setFront(isInFront) {
      isFirst = isInFront
      postLead()
    },
    calls: {
      async hello() {
        return { incarnation: 'fake' }
      },
      async subscribe(ref, call = 0, _since, _more, _had, listens = 'all') {
        const subscription = { ref, call, listens }
        subscriptions.set(keyOf(ref), subscription)
        const names = roomsOf(ref)
        open(subscription, listens === 'one' ? [] : lastValues.filter(([, room]) => names.includes(room)))
        for (const room of names) reportDenial(room)
      },
      async unsubscribe(ref) {
        subscriptions.delete(keyOf(ref))
      },
      send: async (name, payload, { timeout, keep: id }) =>
        id === undefined ? send(name, payload, timeout) : keep(id, name, payload),
      unsent: async () => [...kept.values()],
      withdraw: async (id) => end(id, { outcome: 'withdrawn' }),
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
          [...rooms].map(([name, room]) => ({ room: name, wanted: isWanted(name) ? 1 : 0, ...room })),
        ),
      ping: () => 'fake',
      async signOut() {
        post({ type: 'signout' })
      },
      async leave() {},
    },
  }
}
