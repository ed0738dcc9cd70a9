import type { Fault } from './fault.ts'
import { server } from './server.ts'
import { becomes, comesBack, goesDown, oneSocket, recovers } from './steps.ts'

/** What can be done to the connection. */
export const CONNECTION: readonly Fault[] = [
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
