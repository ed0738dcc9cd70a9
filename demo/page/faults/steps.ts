import type { State } from 'partyline'
import { formatCount, formatDuration, formatNumber } from '../format.ts'
import type { Evidence, Reading } from './evidence.ts'
import type { Step } from './fault.ts'

/** Steps that several faults have in common. */

const wasIn = ({ statuses }: Evidence, state: State) => statuses.some((status) => status.state === state)

export const reachesState = (state: State, label: string): Step => ({
  label,
  check: (evidence) => wasIn(evidence, state),
})

const whyDown = ({ statuses }: Evidence) => statuses.find(({ state }) => state === 'offline')?.error?.message

export const goesOffline: Step = {
  label: 'The badge says offline, and the data is stale',
  check: (evidence) => wasIn(evidence, 'offline') && (whyDown(evidence) ?? true),
}

export const reconnects: Step = {
  label: 'Online again without help',
  check({ now: { status }, since, statuses }) {
    const firstOther = statuses.findIndex(({ state }) => state !== 'online')
    const isBack = statuses.slice(Math.max(0, firstOther)).some(({ state }) => state === 'online')
    return (
      firstOther >= 0 &&
      isBack &&
      status.state === 'online' &&
      `after ${formatDuration(status.since - since)}`
    )
  },
}

export const polls: Step = {
  label: 'The version endpoint is polled',
  check({ before, now }) {
    const count = (now.snapshot?.counters.polls ?? 0) - (before.snapshot?.counters.polls ?? 0)
    return count > 0 && now.status.state !== 'online'
  },
}

export const recovers: Step = {
  label: 'The server recovers the session, with the missed events',
  check: ({ statuses }) => statuses.some(({ state, recovered }) => state === 'online' && recovered === true),
}

/** The session was recovered, or a gap was reported and the page has fetched its events. */
export const nothingLost: Step = {
  label: 'No events lost: session recovered or gap filled',
  check({ now: { status, panel }, gaps, filled, fetched }) {
    if (panel.state === 'denied') return 'a denied room has no events'
    if (status.state === 'online' && status.recovered) return 'session recovered'
    return gaps > 0 && filled >= gaps && panel.state === 'live' && `${formatCount(fetched, 'event')} fetched`
  },
}

export const eventsContinue: Step = {
  label: 'Events keep coming',
  check: ({ events, now }) => now.panel.state === 'denied' || (events > 0 && formatCount(events, 'event')),
}

/** How many sockets there should be: one, or one per room that is live, where each room has its own. */
function socketsNeeded({ snapshot }: Reading): number {
  const own = snapshot?.rooms.filter(({ connection }) => connection) ?? []
  return own.length === 0 ? 1 : own.filter(({ state }) => state === 'live').length
}

const describeSockets = (count: number) =>
  `${formatCount(count, 'socket')}${count > 1 ? ', one per room' : ''}`

const hasSocketsNeeded = (reading: Reading) => reading.counts?.partyline.sockets === socketsNeeded(reading)

export const noExtraSocket: Step = {
  label: 'The server counts no extra socket',
  check: ({ now }) => hasSocketsNeeded(now) && describeSockets(socketsNeeded(now)),
}

const connects = ({ snapshot }: Evidence['now']) => snapshot?.counters.connects

/** After `seconds`, the connection is still the same one. */
export const staysConnected = (seconds: number): Step => ({
  label: `The connection stays the same${seconds > 0 ? ` for ${seconds} s` : ''}`,
  check({ before, now, since }) {
    const isSame = connects(now) !== undefined && connects(now) === connects(before)
    return Date.now() - since >= seconds * 1000 && isSame && now.status.state === 'online'
  },
})

export const workerReplaced: Step = {
  label: 'Another worker takes over',
  check: ({ before, now, since }) =>
    now.snapshot !== undefined &&
    now.snapshot.incarnation !== before.snapshot?.incarnation &&
    `${formatDuration(Math.max(0, now.snapshot.startedAt - since))} later`,
}

/** This tab's worker is that of the new build. It has taken over from the old one, if that still ran. */
export const newBuildServes: Step = {
  label: 'The worker of the new version serves all tabs',
  check({ before, now: { snapshot } }) {
    if (!snapshot) return false
    if (!snapshot.build) return 'each tab has its own worker'
    if (snapshot.build.address === before.snapshot?.build?.address) return false
    const takeover = snapshot.timeline.find((entry) => entry.what === 'took-over')
    return takeover ? `${formatCount(takeover.tabs, 'tab')} taken over` : true
  },
}

/** Since the server started, it has not had more sockets at once than it has now. */
export const neverExtraSocket: Step = {
  label: 'The server counts no extra socket, and never did',
  check: ({ now }) =>
    hasSocketsNeeded(now) &&
    now.counts?.partyline.most === now.counts?.partyline.sockets &&
    formatCount(now.counts?.partyline.handshakes ?? 0, 'handshake'),
}

export const ordered = (reason: string, label: string): Step => ({
  label,
  check: ({ orders }) => orders.some((order) => order.reason === reason),
})

export const reloaded: Step = {
  label: 'The page reloads',
  check: ({ now, since }) => now.loadedAt > since && `after ${formatDuration(now.loadedAt - since)}`,
}

export const samePanel: Step = {
  label: 'It shows the same panel, live',
  check: ({ before, now }) =>
    now.hash === before.hash && ['live', 'denied'].includes(now.panel.state) && now.hash,
}

export const oneMoreTab: Step = {
  label: 'The worker knows one more tab',
  check: ({ before, now }) =>
    (now.snapshot?.tabs.length ?? 0) > (before.snapshot?.tabs.length ?? 0) &&
    formatCount(now.snapshot?.tabs.length ?? 0, 'tab'),
}

export const sameHandshakes: Step = {
  label: 'The server counts no extra socket, and no new handshake',
  check: ({ before: { counts: then }, now }) =>
    hasSocketsNeeded(now) &&
    now.counts?.partyline.handshakes === then?.partyline.handshakes &&
    formatCount(now.counts?.partyline.handshakes ?? 0, 'handshake'),
}

export const fewHandshakes: Step = {
  label: 'At most three handshakes per socket in that time',
  check({ before, now: { counts }, since, seconds }) {
    if (!counts || !before.counts || Date.now() - since < seconds * 1000) return false
    const handshakes = counts.partyline.handshakes - before.counts.partyline.handshakes
    return handshakes <= 3 * socketsNeeded(before) && formatCount(handshakes, 'handshake')
  },
}

export const burstArrives: Step = {
  label: 'Every event arrives',
  check: ({ bursts, fetched, count }) => bursts + fetched >= count && `${formatNumber(bursts)} live`,
}
