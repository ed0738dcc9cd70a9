import type { Line } from 'partyline'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import { hashOf } from '../address.ts'
import type { Panel, Source } from '../source.ts'
import type { PageEvent } from './evidence.ts'
import type { FaultContext } from './fault.ts'
import { createFaultPanel } from './fault-panel.ts'
import { createTrials } from './trials.ts'

const POLL_INTERVAL = 50

/** The fault panel. With a line, it also checks that each fault has the expected results. */
export function createFaultSection(
  line: Line<Dashboard> | undefined,
  source: Source,
  shown: () => Panel,
  acknowledgeLatest: FaultContext['acknowledgeLatest'],
) {
  /** Shows a panel, and resolves once it is live. */
  function show(panel: Panel): Promise<void> {
    location.hash = hashOf(panel)
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (source.panel(panel).state !== 'live') return
        clearInterval(timer)
        resolve()
      }, POLL_INTERVAL)
    })
  }

  const trials =
    line &&
    createTrials({
      line,
      shown,
      show,
      acknowledgeLatest,
      onChange: (trial) => panel.render(trial),
      onFailed: (fault, reason) => panel.fail(fault, reason),
    })

  const panel = createFaultPanel({
    isChecked: line !== undefined,
    offers: (fault) => line !== undefined || fault.isServerFault === true,
    run(fault, seconds, count) {
      if (trials) return void trials.run(fault, seconds, count)
      void Promise.resolve(fault.run({ line, seconds, count, show, acknowledgeLatest })).catch((error) =>
        panel.fail(fault, String(error)),
      )
    },
  })

  return {
    root: panel.root,
    addPageEvent: (event: PageEvent) => trials?.addPageEvent(event),
    resume: () => trials?.resume(),
  }
}
