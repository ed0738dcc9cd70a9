import { sabotage } from '../sabotage.ts'
import type { Fault, Group, Stage } from './fault.ts'
import {
  allHeard,
  becomes,
  comesBack,
  dataGoOn,
  goesDown,
  madeGood,
  moreTabs,
  newWorker,
  oneSocket,
  ordered,
  recovers,
  reloaded,
  sameHandshakes,
  samePanel,
  staysCalm,
  staysUp,
} from './steps.ts'

/** Asks the server to break something. */
async function server(name: string, { seconds, count }: Stage) {
  const response = await fetch(`/api/faults/${name}?seconds=${seconds}&count=${count}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
}

async function wipe() {
  const names = (await indexedDB.databases())
    .map(({ name = '' }) => name)
    .filter((name) => name.startsWith('partyline/'))
  await Promise.all(
    names.map(
      (name) =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase(name)
          request.onsuccess = resolve
          request.onerror = () => reject(request.error)
        }),
    ),
  )
}

const CONNECTION: readonly Fault[] = [
  {
    id: 'hang-up',
    label: 'Hang up',
    promise: 'Every tab says “hung up”, and stays so until somebody connects.',
    act: ({ line }) => line?.disconnect(),
    steps: [
      becomes('paused', 'The badge says hung up'),
      { what: 'The server counts no socket', seen: ({ now: { census } }) => census?.partyline.sockets === 0 },
    ],
    within: 5,
  },
  {
    id: 'connect',
    label: 'Connect',
    promise: 'Every tab is live again, and its rooms are joined.',
    act: ({ line }) => line?.connect(),
    steps: [
      { what: 'The badge says live', seen: ({ now }) => now.status.state === 'online' },
      oneSocket,
      {
        what: 'The panel’s rooms are joined',
        seen: ({ now }) => ['live', 'denied'].includes(now.panel.state),
      },
    ],
    within: 5,
  },
  {
    id: 'retry',
    label: 'Retry now',
    promise: 'While offline: a try at once, instead of at the end of the countdown. While live: nothing.',
    act: ({ line }) => line?.retry(),
    steps: [
      {
        what: 'A try begins at once',
        seen({ before, statuses, now }) {
          if (before.status.state === 'online')
            return now.status.state === 'online' && 'the line is up: nothing to do'
          return statuses.some(({ attempt, state }) => attempt > before.status.attempt || state === 'online')
        },
      },
    ],
    within: 3,
  },
  {
    id: 'cut',
    label: 'Cut the connection',
    promise: 'Offline for a second at most; the server gives the session back, and what came meanwhile.',
    act: (stage) => server('cut', stage),
    steps: [goesDown, comesBack, recovers],
    within: 10,
    isServers: true,
  },
]

const SERVER: readonly Fault[] = [
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

const DEPLOYMENT: readonly Fault[] = [
  {
    id: 'deploy',
    label: 'Deploy a new version',
    promise: 'The server restarts as the next version. Every tab is told, reloads, and is back on its panel.',
    act: (stage) => server('deploy', stage),
    steps: [
      ordered('version', 'A reload is ordered'),
      reloaded,
      {
        what: 'The page runs the new version',
        seen: ({ before, now }) => now.version !== before.version && now.version,
      },
      samePanel,
    ],
    within: 30,
  },
  {
    id: 'reload',
    label: 'Broadcast a reload',
    promise: 'Every tab hears it, reloads within a few seconds, and is back on its panel.',
    act: (stage) => server('reload', stage),
    steps: [ordered('broadcast', 'The order arrives'), reloaded, samePanel],
    within: 20,
  },
]

const WORKER: readonly Fault[] = [
  {
    id: 'kill-worker',
    label: 'Kill the worker',
    promise:
      'Another one takes over at once, goes on with the session, and no tab notices more than a blink.',
    act: () => sabotage({ type: 'kill' }),
    steps: [
      newWorker,
      { what: 'Live again', seen: ({ now, events }) => now.status.state === 'online' && events > 0 },
      madeGood,
      oneSocket,
    ],
    within: 15,
  },
  {
    id: 'hang-worker',
    label: 'Hang the worker',
    promise: 'Noticed within 6 s and left behind. When it wakes it closes itself: one socket again.',
    act: ({ seconds }) => sabotage({ type: 'hang', seconds }),
    steps: [
      newWorker,
      { what: 'Live again', seen: ({ now, events }) => now.status.state === 'online' && events > 0 },
      madeGood,
      oneSocket,
    ],
    within: 25,
    seconds: 12,
  },
  {
    id: 'wipe',
    label: 'Wipe the database',
    promise: 'Delivery does not wait for a database. What is to be kept is written anew.',
    act: wipe,
    steps: [
      dataGoOn,
      { what: 'The database is written anew', seen: ({ now }) => now.databases.length > 0 },
      staysUp(0),
    ],
    within: 12,
  },
]

const TABS: readonly Fault[] = [
  {
    id: 'open',
    label: 'Open another tab',
    promise: 'It is live at once, on the same socket.',
    act: () => void window.open(location.href, '_blank', 'noopener'),
    steps: [moreTabs, sameHandshakes],
    within: 8,
  },
  {
    id: 'duplicate',
    label: 'Duplicate this tab',
    promise: 'The copy becomes a tab of its own, with the panels of this one. Still one socket.',
    act: () => void window.open(location.href, '_blank'),
    steps: [moreTabs, sameHandshakes],
    within: 8,
  },
  {
    id: 'freeze',
    label: 'Freeze this tab',
    promise: 'Its main thread stands still. Other tabs do not notice; this one has everything afterwards.',
    act: ({ seconds }) => {
      const end = performance.now() + seconds * 1000
      while (performance.now() < end);
    },
    steps: [
      {
        what: 'The tab stood still',
        seen: ({ still }) => still.to > 0 && `for ${((still.to - still.from) / 1000).toFixed(1)} s`,
      },
      {
        what: 'What happened meanwhile is here',
        seen: ({ still, now }) =>
          now.panel.state === 'denied' || (still.events > 0 && `${still.events} events`),
      },
      staysUp(0),
    ],
    within: 12,
    seconds: 4,
  },
]

export const GROUPS: readonly Group[] = [
  { name: 'Connection', faults: CONNECTION },
  { name: 'Server', faults: SERVER },
  { name: 'Deployment', faults: DEPLOYMENT },
  { name: 'Worker and storage', faults: WORKER },
  { name: 'Tabs', faults: TABS },
]
