import { connect, type Factory } from 'partyline'
import type { Kind } from '../server/counts.ts'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { KIND } from './address.ts'
import { VERSION } from './top-bar.ts'

/** The worker file of each kind of server. No panel depends on the kind. */
const FACTORIES: Readonly<Record<Kind, Factory>> = {
  socketIo: (options) =>
    'SharedWorker' in globalThis
      ? new SharedWorker(new URL('../worker/dashboard.worker.ts', import.meta.url), {
          ...options,
          type: 'module',
        })
      : new Worker(new URL('../worker/dashboard.worker.ts', import.meta.url), {
          ...options,
          type: 'module',
        }),
  websocket: (options) =>
    'SharedWorker' in globalThis
      ? new SharedWorker(new URL('../worker/websocket.worker.ts', import.meta.url), {
          ...options,
          type: 'module',
        })
      : new Worker(new URL('../worker/websocket.worker.ts', import.meta.url), {
          ...options,
          type: 'module',
        }),
}

/**
 * Connects this page to the shared worker, or to a dedicated one in a browser without shared workers. The demo has two
 * servers: as another user of each, a browser can have pages of both.
 */
export const connectLine = () =>
  connect<Dashboard>(FACTORIES[KIND], { user: KIND, version: VERSION, timeout: 2000 })
