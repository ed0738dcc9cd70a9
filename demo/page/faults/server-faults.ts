import { breakServer } from './break-server.ts'
import type { Fault, FaultContext } from './fault.ts'
import {
  burstArrives,
  eventsContinue,
  fewHandshakes,
  goesOffline,
  nothingLost,
  polls,
  reachesState,
  reconnects,
  recovers,
  staysConnected,
} from './steps.ts'

/** Resolves once the line has noticed that the server is away. */
async function untilOffline(line: FaultContext['line']) {
  while (line && line.status.state !== 'offline')
    await new Promise<void>((resolve) => {
      const stop = line.on('status', () => {
        stop()
        resolve()
      })
    })
}

export const SERVER_FAULTS: readonly Fault[] = [
  {
    id: 'stop',
    label: 'Stop the server',
    expected:
      'Offline, with a countdown, and the data is shown as stale. Then online again without help, and the page fetches the missed events.',
    run: (context) => breakServer('stop', context),
    steps: [goesOffline, reconnects, nothingLost],
    within: 25,
    seconds: 8,
    isServerFault: true,
  },
  {
    id: 'kill',
    label: 'Kill the server',
    expected:
      'kill -9, then a restart. The sessions are lost, so the line reports a gap, and the page fetches its events.',
    run: (context) => breakServer('kill', context),
    steps: [goesOffline, reconnects, nothingLost],
    within: 25,
    seconds: 2,
    isServerFault: true,
  },
  {
    id: 'acknowledge',
    label: 'Acknowledge without a server',
    expected:
      'Stops the server, and acknowledges the latest error meanwhile. Every tab says that this waits to be sent. When the server is back, it gets it once.',
    async run(context) {
      await context.show('errors')
      await breakServer('stop', context)
      await untilOffline(context.line)
      await context.acknowledgeLatest()
    },
    steps: [
      goesOffline,
      {
        label: 'The badge counts one acknowledgement that waits',
        check: ({ now }) => now.status.state !== 'online' && now.status.unsent === 1,
      },
      reconnects,
      {
        label: 'Nothing waits any more, and the server has one more',
        check: ({ before, now: { counts, status } }) =>
          status.unsent === undefined && counts?.acknowledged === (before.counts?.acknowledged ?? 0) + 1,
      },
    ],
    within: 25,
    seconds: 4,
  },
  {
    id: 'halfopen',
    label: 'Half-open connection',
    expected: 'The connection stays open but carries nothing. The worker notices after 10 s of silence.',
    run: (context) => breakServer('halfopen', context),
    steps: [
      {
        label: 'The silence is noticed',
        check: ({ statuses }) =>
          statuses.find(({ error }) => error?.message.includes('sent nothing'))?.error?.message ?? false,
      },
      reconnects,
      nothingLost,
    ],
    within: 30,
    isServerFault: true,
  },
  {
    id: 'refuse',
    label: 'Refuse sockets, answer HTTP',
    expected: 'Offline, retrying, and polling the version. Then online again with the same session.',
    run: (context) => breakServer('refuse', context),
    steps: [goesOffline, polls, reconnects, recovers],
    websocket: {
      expected:
        'Offline, retrying, and polling the version. Then online again, and the page fetches the missed events.',
      steps: [goesOffline, polls, reconnects, nothingLost],
    },
    within: 15,
    seconds: 8,
    isServerFault: true,
  },
  {
    id: 'unauthorize',
    label: 'Refuse tokens',
    expected:
      'One new token, one more attempt, then “not authorized” and few attempts. When the time is over, press Retry now.',
    run: (context) => breakServer('unauthorize', context),
    steps: [
      reachesState('unauthorized', 'The badge says not authorized'),
      fewHandshakes,
      { label: 'Online again after Retry now', check: ({ now }) => now.status.state === 'online' },
    ],
    within: 75,
    seconds: 8,
    isServerFault: true,
  },
  {
    id: 'expire',
    label: 'Expire tokens now',
    expected:
      'The server ends every session. The worker fetches a new token, and all tabs are online within about a second.',
    run: (context) => breakServer('expire', context),
    steps: [
      {
        label: 'A new token is fetched',
        check: ({ before, now }) => (now.counts?.tokens ?? 0) > (before.counts?.tokens ?? 0),
      },
      reconnects,
      nothingLost,
    ],
    within: 12,
    isServerFault: true,
  },
  {
    id: 'slow',
    label: 'Slow everything down',
    expected: 'Everything comes 1.5 s late, and the panel says so. The connection stays.',
    run: (context) => breakServer('slow', context),
    steps: [
      {
        label: 'The panel says how late its events are',
        check: ({ lag }) => lag > 1000 && `${(lag / 1000).toFixed(1)} s behind`,
      },
      { label: 'On time again', check: ({ lag, events }) => events > 0 && lag < 400 },
      staysConnected(0),
    ],
    within: 12,
    seconds: 6,
    isServerFault: true,
  },
  {
    id: 'mute',
    label: 'Stop keepalives',
    expected: 'The server sends no keepalives. Data also shows that the connection works, so it stays.',
    run: (context) => breakServer('mute', context),
    steps: [staysConnected(12), eventsContinue],
    within: 5,
    seconds: 15,
    isServerFault: true,
  },
  {
    id: 'burst',
    label: 'Burst of events',
    expected: 'They arrive on the errors panel in a few batches, and the page stays responsive.',
    run: async (context) => {
      await context.show('errors')
      await breakServer('burst', context)
    },
    steps: [burstArrives, staysConnected(0)],
    within: 20,
    count: 1000,
  },
]
