import type { Line } from 'partyline'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import { hashOf } from '../address.ts'
import type { Panel, Source } from '../source.ts'
import type { Note } from './evidence.ts'
import { createFaultPanel } from './panel.ts'
import { createTrials } from './trials.ts'

const LOOK = 50

/** The fault panel, with what watches over its promises where there is a line to keep them. */
export function createBreaking(line: Line<Dashboard> | undefined, source: Source, shown: () => Panel) {
  /** Goes to a panel, and resolves once it is live. */
  function show(panel: Panel): Promise<void> {
    location.hash = hashOf(panel)
    return new Promise((resolve) => {
      const look = setInterval(() => {
        if (source.panel(panel).state !== 'live') return
        clearInterval(look)
        resolve()
      }, LOOK)
    })
  }

  const trials =
    line &&
    createTrials({
      line,
      shown,
      show,
      changed: (trial) => panel.render(trial),
      failed: (fault, why) => panel.fail(fault, why),
    })

  const panel = createFaultPanel({
    isWatched: line !== undefined,
    offers: (fault) => line !== undefined || fault.isServers === true,
    run(fault, seconds, count) {
      if (trials) return void trials.run(fault, seconds, count)
      void Promise.resolve(fault.act({ line, seconds, count, show })).catch((error) =>
        panel.fail(fault, String(error)),
      )
    },
  })

  return {
    root: panel.root,
    note: (note: Note) => trials?.note(note),
    resume: () => trials?.resume(),
  }
}
