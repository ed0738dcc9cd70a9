import type { State } from 'partyline'
import { plural, span, whole } from '../words.ts'
import type { Evidence } from './evidence.ts'
import type { Step } from './fault.ts'

/** What faults have in common: things that should be seen after them. */

const wasIn = ({ statuses }: Evidence, state: State) => statuses.some((status) => status.state === state)

export const becomes = (state: State, what: string): Step => ({
  what,
  seen: (evidence) => wasIn(evidence, state),
})

const whyDown = ({ statuses }: Evidence) => statuses.find(({ state }) => state === 'offline')?.error?.message

export const goesDown: Step = {
  what: 'The badge says offline, and data go stale',
  seen: (evidence) => wasIn(evidence, 'offline') && (whyDown(evidence) ?? true),
}

/** Live again, after something else. */
export const comesBack: Step = {
  what: 'Live again, by itself',
  seen({ now: { status }, since, statuses }) {
    const left = statuses.findIndex(({ state }) => state !== 'online')
    const isBack = statuses.slice(Math.max(0, left)).some(({ state }) => state === 'online')
    return left >= 0 && isBack && status.state === 'online' && `after ${span(status.since - since)}`
  },
}

export const recovers: Step = {
  what: 'The session is given back, with what came meanwhile',
  seen: ({ statuses }) => statuses.some(({ state, recovered }) => state === 'online' && recovered === true),
}

/** Nothing is lost in silence: the session came back, or the gap was told of and filled. */
export const madeGood: Step = {
  what: 'Nothing is lost: session recovered, or gap filled',
  seen({ now: { status, panel }, gaps, filled, fetched }) {
    if (panel.state === 'denied') return 'nothing comes in a denied room'
    if (status.state === 'online' && status.recovered) return 'session recovered'
    return gaps > 0 && filled >= gaps && panel.state === 'live' && `${plural(fetched, 'event')} fetched`
  },
}

export const dataGoOn: Step = {
  what: 'Events go on coming',
  seen: ({ events, now }) => now.panel.state === 'denied' || (events > 0 && plural(events, 'event')),
}

export const oneSocket: Step = {
  what: 'The server counts one socket',
  seen: ({ now: { census } }) => census?.partyline.sockets === 1,
}

const connects = ({ snapshot }: Evidence['now']) => snapshot?.counters.connects

/** After so many seconds the connection is still the one it was. */
export const staysUp = (seconds: number): Step => ({
  what: `Nothing is dialled anew${seconds > 0 ? ` for ${seconds} s` : ''}`,
  seen({ before, now, since }) {
    const isSame = connects(now) !== undefined && connects(now) === connects(before)
    return Date.now() - since >= seconds * 1000 && isSame && now.status.state === 'online'
  },
})

export const newWorker: Step = {
  what: 'Another worker takes over',
  seen: ({ before, now, since }) =>
    now.snapshot !== undefined &&
    now.snapshot.incarnation !== before.snapshot?.incarnation &&
    `${span(Math.max(0, now.snapshot.startedAt - since))} later`,
}

export const ordered = (reason: string, what: string): Step => ({
  what,
  seen: ({ orders }) => orders.some((order) => order.reason === reason),
})

export const reloaded: Step = {
  what: 'The page reloads',
  seen: ({ now, since }) => now.loadedAt > since && `after ${span(now.loadedAt - since)}`,
}

export const samePanel: Step = {
  what: 'It is back on its panel, live',
  seen: ({ before, now }) =>
    now.hash === before.hash && ['live', 'denied'].includes(now.panel.state) && now.hash,
}

export const moreTabs: Step = {
  what: 'The worker knows one more tab',
  seen: ({ before, now }) =>
    (now.snapshot?.tabs.length ?? 0) > (before.snapshot?.tabs.length ?? 0) &&
    plural(now.snapshot?.tabs.length ?? 0, 'tab'),
}

export const sameHandshakes: Step = {
  what: 'The server counts one socket, and no further handshake',
  seen: ({ before: { census: then }, now: { census } }) =>
    census?.partyline.sockets === 1 &&
    census.partyline.handshakes === then?.partyline.handshakes &&
    plural(census.partyline.handshakes, 'handshake'),
}

/** As long as tokens are refused there are so few handshakes. */
export const staysCalm: Step = {
  what: 'No storm: at most three handshakes meanwhile',
  seen({ before: { census: then }, now: { census }, since, seconds }) {
    if (!census || !then || Date.now() - since < seconds * 1000) return false
    const tries = census.partyline.handshakes - then.partyline.handshakes
    return tries <= 3 && plural(tries, 'handshake')
  },
}

export const allHeard: Step = {
  what: 'Every one of them arrives',
  seen: ({ bursts, fetched, count }) => bursts + fetched >= count && `${whole(bursts)} live`,
}
