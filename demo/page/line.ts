import { connect } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { VERSION } from './top.ts'

/** This page's handle on the connection that all pages share. */
export const connectLine = () =>
  connect<Dashboard>(
    (options) =>
      new SharedWorker(new URL('../worker/dashboard.worker.ts', import.meta.url), {
        ...options,
        type: 'module',
      }),
    { version: VERSION, timeout: 2000 },
  )
