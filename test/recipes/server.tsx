import type { Line } from 'partyline'
import { LineProvider, useLine, usePanel } from 'partyline/react'
import type { Dashboard } from './dashboard.worker'

export function App({ line }: { readonly line: Line<Dashboard> | undefined }) {
  return (
    <LineProvider line={line}>
      <Failures />
    </LineProvider>
  )
}

function Failures() {
  const line = useLine<Dashboard>()
  const count = usePanel(line, 'errors', (count, { room }) => (room === 'errors' ? count + 1 : count), 0)
  return <p>{count} failures</p>
}
