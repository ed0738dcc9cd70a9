import { PartylineError } from '../../shared/errors'
import type { Snapshot } from '../../shared/snapshot'
import type { Hello, Switchboard } from '../../shared/switchboard'
import { atMost } from '../deadline'
import type { PostToTab } from '../delivery/channel'
import type { Outbox } from '../delivery/outbox'
import type { Home } from '../home'
import type { Connection } from '../link/connection'
import type { TokenRequests } from '../link/token-requests'
import type { Handover } from '../persistence/handover'
import type { Progress } from '../persistence/progress'
import type { Records, SessionRecord } from '../persistence/records'
import type { Recorder } from '../recorder'
import type { Rooms } from '../rooms/rooms'
import type { Sends } from '../sends/sends'
import type { SharedEngine } from '../sharing/sharing'
import type { Incumbent } from '../succession/succession'
import type { Announcements } from './announcements'
import type { Arrivals } from './arrivals'
import type { Lead } from './lead'
import type { Moves } from './moves'
import type { Registration } from './registration'
import type { Reloads } from './reloads'
import type { Statuses } from './statuses'
import { shortId, type Tabs } from './tabs'

/** Carries out the calls of pages. Arguments are checked by `api.ts`. */
export interface Engine
  extends Incumbent,
    SharedEngine,
    Pick<
      Switchboard,
      'retry' | 'disconnect' | 'connect' | 'inspect' | 'ping' | 'signOut' | 'unsent' | 'withdraw'
    > {
  hello(hello: Hello, post: PostToTab): Registration
  /** A page made an invalid or over-limit request. */
  refused(): void
}

export interface EngineParts {
  readonly home: Home
  readonly startedAt: number
  /** The server's address. */
  readonly url: string
  readonly build: () => Snapshot['build']
  readonly describeSession: () => SessionRecord
  readonly moves: Moves
  readonly lead: Lead
  readonly reloads: Reloads
  readonly tokenRequests: TokenRequests
  readonly arrivals: Arrivals
  readonly announcements: Announcements
  readonly statuses: Statuses
  readonly tabs: Tabs
  readonly outbox: Outbox
  readonly rooms: Rooms
  readonly connection: Connection
  readonly progress: Progress
  readonly handover: Handover
  readonly records: Records
  readonly recorder: Recorder
  /** Absent where the server cannot be sent anything. */
  readonly sends: Sends | undefined
  /** Another worker serves from now on, and the records are that worker's. */
  readonly retired: () => void
}

/** How long an attempt to connect may hold up a hand-over, in ms. */
const PATIENCE = 1000

export function createEngine(parts: EngineParts): Engine {
  const { home, tabs, outbox, connection, progress, handover, recorder, sends } = parts
  const kept = sends?.kept
  return {
    hello: parts.arrivals.hello,
    retry: () => connection.retry(true),
    disconnect() {
      parts.arrivals.pauseDecided()
      connection.pause()
      progress.ended()
      handover.write()
    },
    connect() {
      parts.arrivals.pauseDecided()
      connection.resume()
    },
    inspect() {
      const version = recorder.version()
      const build = parts.build()
      return {
        incarnation: home.incarnation,
        worker: home.name,
        startedAt: parts.startedAt,
        ...(build && { build }),
        status: parts.statuses.current(),
        tabs: tabs.list().map((id) => ({
          id: shortId(id),
          here: tabs.isHere(id),
          visible: tabs.isVisible(id),
          panels: outbox.panels(id),
          waiting: outbox.waiting(id),
          unanswered: outbox.unanswered(id),
        })),
        rooms: parts.rooms.inspect().map((room) => {
          const own = connection.statusOf?.(room.room)
          return { ...room, ...(own && { connection: own }) }
        }),
        link: recorder.link(),
        ...(version && { version }),
        counters: recorder.counters(),
        timeline: recorder.timeline(),
      }
    },
    ping: () => home.incarnation,
    unsent: async () => (await kept?.unsent()) ?? [],
    withdraw: async (id) => (await kept?.withdraw(id)) ?? false,
    refused: () => recorder.count('refused'),
    async signOut() {
      recorder.note({ what: 'signed-out' })
      parts.announcements.signOut()
      parts.arrivals.signOut()
      kept?.clear()
      sends?.end()
      for (const tab of tabs.list()) tabs.forget(tab)
      outbox.forgetAll()
      handover.end()
      if (!(await parts.records.clear()))
        throw new PartylineError(
          'unanswered',
          "The user is signed out. The browser's database does not work, so it may still have names of panels and kept messages.",
        )
    },
    // While the connection is down, its outage would begin anew at each worker.
    canHandOn: () => connection.isOpen() && progress.session() !== undefined,
    redial: connection.redial,
    hasOwnPages: parts.moves.hasOwnPages,
    canMove: parts.moves.canMove,
    canAllMove: parts.moves.canAllMove,
    inheritKept: (left) => kept?.inherit(left),
    seenBuilds: async () => (await parts.records.loaded).builds,
    rememberBuilds: parts.records.writeBuilds,
    note: recorder.note,
    async retire(place) {
      // A worker that has just started may still be reading the records or the inheritance.
      await handover.ready()
      // While an attempt is under way, nobody knows what has become of the session.
      await atMost(PATIENCE, connection.settled())
      await Promise.all([sends?.retire(), kept?.retire()])
      if (place) outbox.postAll({ type: 'moved', place })
      const session = parts.describeSession()
      const left = {
        url: parts.url,
        session,
        tabs: tabs.list().map((tab) => [tab, outbox.panelRooms(tab)] as const),
        // Only values that every tab has handled: the successor delivers missed events, or a gap, before any later value.
        values: outbox.values().filter(({ id }) => progress.isHandled(id)),
        hasTokens: tabs.withToken().length > 0,
        isPaused: connection.status().state === 'paused',
        ...(kept && { kept: kept.handOver() }),
      }
      for (const tab of tabs.list()) {
        parts.reloads.leave(tab)
        parts.tokenRequests.gone(tab)
      }
      parts.retired()
      tabs.dispose()
      outbox.dispose()
      parts.lead.dispose()
      parts.reloads.rest()
      const isRecoverable = await connection.release()
      connection.dispose()
      if (isRecoverable) return left
      const { id: _, ...ended } = session
      return { ...left, session: ended }
    },
  }
}
