import type { Line, Snapshot } from 'partyline'
import type { Census } from '../../server/census.ts'
import type { Dashboard } from '../../worker/dashboard.worker.ts'
import { readCensus } from '../census.ts'
import type { Panel } from '../source.ts'
import { VERSION } from '../top.ts'
import type { Reading } from './evidence.ts'

/** Reads what the server, the worker and the browser say. None of them waits for another. */
export function createReader(line: Line<Dashboard>, shown: () => Panel) {
  let census: Census | undefined
  let snapshot: Snapshot | undefined
  let databases: readonly string[] = []

  return {
    async look(): Promise<void> {
      await Promise.all([
        readCensus().then((read) => {
          census = read
        }),
        line.inspect().then(
          (read) => {
            snapshot = read
          },
          () => {
            snapshot = undefined
          },
        ),
        indexedDB.databases().then((all) => {
          databases = all.map(({ name = '' }) => name).filter((name) => name.startsWith('partyline/'))
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
      ...(census && { census }),
      ...(snapshot && { snapshot }),
    }),
  }
}
