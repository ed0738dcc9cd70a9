import type { Fault } from './fault.ts'
import { server } from './server.ts'
import { ordered, reloaded, samePanel } from './steps.ts'

/** What a deployment does. */
export const DEPLOYMENT: readonly Fault[] = [
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
