import type { Fault } from './fault.ts'
import { moreTabs, sameHandshakes, staysUp } from './steps.ts'

/** What tabs do. */
export const TABS: readonly Fault[] = [
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
