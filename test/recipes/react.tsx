import type { Line } from 'partyline'
import { useLatest, usePanel, usePanelState, useStatus } from 'partyline/react'
import type { Dashboard } from './dashboard.worker'

interface Props {
  readonly line: Line<Dashboard>
}

export function Cpu({ line }: Props) {
  const stats = useLatest(line, 'overview', 'stats')
  return <b>{stats ? `${stats.data.cpu} %` : '–'}</b>
}

export function Errors({ line }: Props) {
  const { state } = usePanelState(line, 'errors')
  const rows = usePanel(
    line,
    'errors',
    (rows: readonly string[], { room, data }) =>
      room === 'errors' ? [...rows, data.message].slice(-100) : rows,
    [],
  )
  return <pre className={state}>{rows.join('\n')}</pre>
}

export function Badge({ line }: Props) {
  const { state, attempt } = useStatus(line)
  return <i>{state === 'offline' ? `offline, attempt ${attempt}` : state}</i>
}
