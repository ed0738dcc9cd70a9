import { breakServer } from './break-server.ts'
import type { Fault } from './fault.ts'
import { neverExtraSocket, newBuildServes, ordered, reloaded, samePanel } from './steps.ts'

export const DEPLOYMENT_FAULTS: readonly Fault[] = [
  {
    id: 'deploy',
    label: 'Deploy a new version',
    expected:
      'The server restarts with the next version, and old files are gone. Every tab is ordered to reload. The worker of the first one that does takes over all tabs: the server never counts an extra socket.',
    run: (context) => breakServer('deploy', context),
    steps: [
      ordered('version', 'A reload is ordered'),
      reloaded,
      {
        label: 'The page runs the new version',
        check: ({ before, now }) => now.version !== before.version && now.version,
      },
      newBuildServes,
      samePanel,
      neverExtraSocket,
    ],
    within: 30,
  },
  {
    id: 'reload',
    label: 'Broadcast a reload',
    expected:
      'The server orders every tab to reload. Each reloads within a few seconds, and shows the same panel afterwards.',
    run: (context) => breakServer('reload', context),
    steps: [ordered('broadcast', 'The order arrives'), reloaded, samePanel],
    within: 20,
  },
]
