import type { Gap, PanelOf, PanelStatus, Status } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'

export type Panel = PanelOf<Dashboard>

export interface SourceEvent {
  readonly room: string
  readonly data: unknown
  readonly at: number
  readonly replayed: boolean
}

/** Where a dashboard's data come from: a line of Partyline's, or a socket of the page's own. */
export interface Source {
  subscribe(panel: Panel, listener: (event: SourceEvent) => void): () => void
  on(name: 'status', listener: (status: Status) => void): () => void
  on(name: 'gap', listener: (gap: Gap) => void): () => void
  readonly status: Status
  panel(panel: Panel): PanelStatus
}
