import type { Fault } from './fault.ts'
import { server } from './server.ts'
import {
  allHeard,
  becomes,
  comesBack,
  dataGoOn,
  goesDown,
  madeGood,
  recovers,
  staysCalm,
  staysUp,
} from './steps.ts'

/** What can go wrong with a server. */
export const SERVER: readonly Fault[] = [
  {
    id: 'stop',
    label: 'Stop the server',
    promise:
      'Offline, with a countdown; data are visibly stale. Live again by itself, and what was missed is fetched.',
    act: (stage) => server('stop', stage),
    steps: [goesDown, comesBack, madeGood],
    within: 25,
    seconds: 8,
    isServers: true,
  },
  {
    id: 'kill',
    label: 'Kill the server',
    promise: 'kill -9, and started again: sessions are gone with it, so the gap is told of and filled.',
    act: (stage) => server('kill', stage),
    steps: [goesDown, comesBack, madeGood],
    within: 25,
    seconds: 2,
    isServers: true,
  },
  {
    id: 'halfopen',
    label: 'Half-open connection',
    promise:
      'The connection stays, nothing comes through, nobody says goodbye. Noticed after 10 s of silence.',
    act: (stage) => server('halfopen', stage),
    steps: [
      {
        what: 'The silence is noticed',
        seen: ({ statuses }) =>
          statuses.find(({ error }) => error?.message.includes('nothing heard'))?.error?.message ?? false,
      },
      comesBack,
      madeGood,
    ],
    within: 30,
    isServers: true,
  },
  {
    id: 'refuse',
    label: 'Refuse sockets, answer HTTP',
    promise: 'Offline, retrying; the version is asked for meanwhile. Live again, with the session.',
    act: (stage) => server('refuse', stage),
    steps: [
      goesDown,
      {
        what: 'The version endpoint is polled',
        seen: ({ before, now }) => {
          const polls = (now.snapshot?.counters.polls ?? 0) - (before.snapshot?.counters.polls ?? 0)
          return polls > 0 && now.status.state !== 'online'
        },
      },
      comesBack,
      recovers,
    ],
    within: 15,
    seconds: 8,
    isServers: true,
  },
  {
    id: 'unauthorize',
    label: 'Refuse tokens',
    promise: 'One fresh token, one more try, then “not authorized” and calm. Afterwards press Retry now.',
    act: (stage) => server('unauthorize', stage),
    steps: [
      becomes('unauthorized', 'The badge says not authorized'),
      staysCalm,
      { what: 'Live again, once asked to retry', seen: ({ now }) => now.status.state === 'online' },
    ],
    within: 75,
    seconds: 8,
    isServers: true,
  },
  {
    id: 'expire',
    label: 'Expire tokens now',
    promise:
      'The server ends every session. A fresh token is fetched, and all is live within a second or so.',
    act: (stage) => server('expire', stage),
    steps: [
      {
        what: 'A fresh token is fetched',
        seen: ({ before, now }) => (now.census?.tokens ?? 0) > (before.census?.tokens ?? 0),
      },
      comesBack,
      madeGood,
    ],
    within: 12,
    isServers: true,
  },
  {
    id: 'slow',
    label: 'Slow everything down',
    promise: 'Everything comes 1.5 s late, and the panel says so. The line stays up.',
    act: (stage) => server('slow', stage),
    steps: [
      {
        what: 'The panel says how far it is behind',
        seen: ({ lag }) => lag > 1000 && `${(lag / 1000).toFixed(1)} s behind`,
      },
      { what: 'On time again', seen: ({ lag, events }) => events > 0 && lag < 400 },
      staysUp(0),
    ],
    within: 12,
    seconds: 6,
    isServers: true,
  },
  {
    id: 'mute',
    label: 'Stop keepalives',
    promise: 'No keepalive for a while. Data are a sign of life as well: the line stays up.',
    act: (stage) => server('mute', stage),
    steps: [staysUp(12), dataGoOn],
    within: 5,
    seconds: 15,
    isServers: true,
  },
  {
    id: 'burst',
    label: 'Burst of events',
    promise: 'They come to the errors panel in a few batches; the page stays responsive.',
    act: async (stage) => {
      await stage.show('errors')
      await server('burst', stage)
    },
    steps: [allHeard, staysUp(0)],
    within: 20,
    count: 1000,
  },
]
