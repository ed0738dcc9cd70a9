import type { Fault } from './fault.ts'
import { oneMoreTab, sameHandshakes, staysConnected } from './steps.ts'

export const TAB_FAULTS: readonly Fault[] = [
  {
    id: 'open',
    label: 'Open another tab',
    expected: 'It is live at once, without a new socket.',
    run: () => void window.open(location.href, '_blank', 'noopener'),
    steps: [oneMoreTab, sameHandshakes],
    within: 8,
  },
  {
    id: 'duplicate',
    label: 'Duplicate this tab',
    expected: 'The copy is a separate tab with the panels of this one. No new socket.',
    run: () => void window.open(location.href, '_blank'),
    steps: [oneMoreTab, sameHandshakes],
    within: 8,
  },
  {
    id: 'freeze',
    label: 'Freeze this tab',
    expected: 'Blocks its main thread. Other tabs are not affected, and this one gets all events afterwards.',
    run: ({ seconds }) => {
      const end = performance.now() + seconds * 1000
      while (performance.now() < end);
    },
    steps: [
      {
        label: 'The tab was blocked',
        check: ({ blocked }) => blocked.to > 0 && `for ${((blocked.to - blocked.from) / 1000).toFixed(1)} s`,
      },
      {
        label: 'It has the events of that time',
        check: ({ blocked, now }) =>
          now.panel.state === 'denied' || (blocked.events > 0 && `${blocked.events} events`),
      },
      staysConnected(0),
    ],
    within: 12,
    seconds: 4,
  },
]
