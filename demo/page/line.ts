import { connect } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { VERSION } from './top-bar.ts'

/** Connects this page to the shared worker, or to its own worker in a browser without shared workers. */
export const connectLine = () =>
  connect<Dashboard>(
    (options) =>
      'SharedWorker' in globalThis
        ? new SharedWorker(new URL('../worker/dashboard.worker.ts', import.meta.url), {
            ...options,
            type: 'module',
          })
        : new Worker(new URL('../worker/dashboard.worker.ts', import.meta.url), {
            ...options,
            type: 'module',
          }),
    { version: VERSION, timeout: 2000 },
  )
