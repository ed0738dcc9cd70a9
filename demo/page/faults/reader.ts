import type { Line, Snapshot } from 'partyline'
import type { ServerCounts } from '../../server/counts.ts'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import { readCounts } from '../server-counts.ts'
import type { Panel } from '../source.ts'
import { VERSION } from '../top-bar.ts'
import { databaseNames } from './databases.ts'
import type { Reading } from './evidence.ts'

/** Reads the state of the server, the worker and the browser, all at the same time. */
export function createReader(line: Line<Dashboard>, shown: () => Panel) {
  let counts: ServerCounts | undefined
  let snapshot: Snapshot | undefined
  let databases: readonly string[] = []

  return {
    async refresh(): Promise<void> {
      await Promise.all([
        readCounts().then((read) => {
          counts = read
        }),
        line.inspect().then(
          (read) => {
            snapshot = read
          },
          () => {
            snapshot = undefined
          },
        ),
        databaseNames().then((read) => {
          databases = read
        }),
      ])
    },
    reading: (): Reading => ({
      status: line.status,
      panel: line.panel(shown()),
      hash: location.hash,
      version: VERSION,
      loadedAt: performance.timeOrigin,
      databases,
      ...(counts && { counts }),
      ...(snapshot && { snapshot }),
    }),
  }
}
