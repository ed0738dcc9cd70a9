import { connect } from 'partyline'
import type { Dashboard } from './dashboard.worker'

export const line = connect<Dashboard>(
  (options) =>
    new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }),
)
import.meta.hot?.dispose(() => line.close())
