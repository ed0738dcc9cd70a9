import { breakServer } from './break-server.ts'
import type { Fault } from './fault.ts'
import { goesOffline, noExtraSocket, nothingLost, reachesState, reconnects, recovers } from './steps.ts'

export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    id: 'disconnect',
    label: 'Disconnect',
    expected: 'Every tab says “paused” until somebody presses Connect.',
    run: ({ line }) => line?.disconnect(),
    steps: [
      reachesState('paused', 'The badge says paused'),
      {
        label: 'The server counts no socket',
        check: ({ now: { counts } }) => counts?.partyline.sockets === 0,
      },
    ],
    within: 5,
  },
  {
    id: 'connect',
    label: 'Connect',
    expected: 'Every tab is online again, and its rooms are joined.',
    run: ({ line }) => line?.connect(),
    steps: [
      { label: 'The badge says online', check: ({ now }) => now.status.state === 'online' },
      noExtraSocket,
      {
        label: 'The panel’s rooms are joined',
        check: ({ now }) => ['live', 'denied'].includes(now.panel.state),
      },
    ],
    within: 5,
  },
  {
    id: 'retry',
    label: 'Retry now',
    expected: 'While offline: retries at once instead of at the end of the countdown. While online: nothing.',
    run: ({ line }) => line?.retry(),
    steps: [
      {
        label: 'A retry begins at once',
        check({ before, statuses, now }) {
          if (before.status.state === 'online')
            return now.status.state === 'online' && 'already online: nothing to do'
          return statuses.some(({ attempt, state }) => attempt > before.status.attempt || state === 'online')
        },
      },
    ],
    within: 3,
  },
  {
    id: 'cut',
    label: 'Cut the connection',
    expected: 'Offline for about a second. The server recovers the session and sends the missed events.',
    run: (context) => breakServer('cut', context),
    steps: [goesOffline, reconnects, recovers],
    websocket: {
      expected: 'Offline for about a second. The line reports a gap, and the page fetches the missed events.',
      steps: [goesOffline, reconnects, nothingLost],
    },
    within: 10,
    isServerFault: true,
  },
]
