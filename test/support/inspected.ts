import type { AxeResults } from 'axe-core'
import type { Line } from 'partyline'
import type { InspectedLine, PartylineInspector } from 'partyline/inspector'

/** Inspectors on a tab's page, each on a line that counts its requests and listeners. */

export interface Inspected {
  readonly element: PartylineInspector
  /** How often it has asked for a snapshot. */
  requests: number
  /** How many listeners it has on the line now. */
  listeners: number
  /** If set, its next snapshots are rejected with this message. */
  error: string | undefined
}

function watchedLine(line: InspectedLine, inspected: Inspected): InspectedLine {
  return {
    get status() {
      return line.status
    },
    on(name, listener) {
      inspected.listeners += 1
      const stop = line.on(name, listener)
      return () => {
        inspected.listeners -= 1
        stop()
      }
    },
    inspect() {
      inspected.requests += 1
      return inspected.error === undefined ? line.inspect() : Promise.reject(new Error(inspected.error))
    },
  }
}

/** Loads a module. Vitest replaces `import()` by a function that these pages do not have. */
function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.type = 'module'
    script.src = address
    script.onload = () => resolve()
    script.onerror = () => reject(new Error(`${address} could not be loaded`))
    document.head.append(script)
  })
}

export function createInspectors(line: Line) {
  const inspectors: Inspected[] = []
  return {
    inspectors,
    /** Puts an inspector of this tab's line on the page. */
    async inspect(): Promise<void> {
      await load('/inspector/index.ts?bundle')
      const element = document.createElement('partyline-inspector')
      const inspected: Inspected = { element, requests: 0, listeners: 0, error: undefined }
      inspectors.push(inspected)
      element.line = watchedLine(line, inspected)
      document.body.append(element)
    },
    /** The accessibility problems of the inspectors, and the rules that were checked without one. */
    async axe() {
      await load('/test/support/axe.ts?bundle')
      const { axe } = window as { axe?: { run(context: string): Promise<AxeResults> } }
      if (!axe) throw new Error('/test/support/axe.ts has not set window.axe.')
      const { violations, passes } = await axe.run('partyline-inspector')
      return {
        violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        passes: passes.map(({ id }) => id),
      }
    },
  }
}
