import type { Line } from 'partyline'
import { usePanel, usePanelState } from 'partyline/react'
import type { Dashboard } from './dashboard.worker'

export function Errors({ line }: { readonly line: Line<Dashboard> }) {
  const { state } = usePanelState(line, 'errors')
  const rows = usePanel(
    line,
    'errors',
    (rows: readonly string[], { room, data }) => (room === 'errors' ? [...rows, data.message] : rows),
    [],
  )
  return <pre className={state}>{rows.join('\n')}</pre>
}
