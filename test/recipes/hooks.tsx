import { createHooks } from 'partyline/react'
import type { Dashboard } from './dashboard.worker'

export const { LineProvider, useLine, usePanel, useLatest, useStatus, usePanelState, useGap } =
  createHooks<Dashboard>()

export function Load() {
  const { state } = useStatus()
  const stats = useLatest('overview', 'stats')
  return <b className={state}>{stats ? `${stats.data.cpu} %` : '–'}</b>
}
