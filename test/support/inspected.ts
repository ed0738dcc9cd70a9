import type { AxeResults } from 'axe-core'
import type { Line } from 'partyline'
import type { InspectedLine, PartylineInspector } from 'partyline/inspector'

/** Inspectors on a tab's page: each writes down what it asks of the line. */

export interface Inspected {
  readonly element: PartylineInspector
  /** How often it has asked for a snapshot. */
  looks: number
  /** How many listeners it has on the line at the moment. */
  listeners: number
  /** What its next snapshots are rejected with. */
  fault: string | undefined
}

function watched(line: InspectedLine, inspected: Inspected): InspectedLine {
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
      inspected.looks += 1
      return inspected.fault === undefined ? line.inspect() : Promise.reject(new Error(inspected.fault))
    },
  }
}

/** Vitest replaces `import()` by something of its own, which these pages do not have. */
function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.type = 'module'
    script.src = address
    script.onload = () => resolve()
    script.onerror = () => reject(new Error(`${address} does not load`))
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
      const inspected: Inspected = { element, looks: 0, listeners: 0, fault: undefined }
      inspectors.push(inspected)
      element.line = watched(line, inspected)
      document.body.append(element)
    },
    /** What of the inspectors may keep somebody out, and which of the checker's rules are kept. */
    async axe() {
      await load('/test/support/axe.ts?bundle')
      const { axe } = window as unknown as { axe: { run(context: string): Promise<AxeResults> } }
      const { violations, passes } = await axe.run('partyline-inspector')
      return {
        violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        passes: passes.map(({ id }) => id),
      }
    },
  }
}
