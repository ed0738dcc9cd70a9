import type { Gap, PanelOf, PanelStatus, Status } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'

/** The panels that the page shows. The bell has one of its own. */
export type Panel = Exclude<PanelOf<Dashboard>, 'alarms' | readonly ['alarms']>

export interface SourceEvent {
  readonly room: string
  readonly data: unknown
  readonly at: number
  readonly replayed: boolean
}

/** Where the dashboard's data comes from: a Partyline line, or the page's own socket. */
export interface Source {
  subscribe(panel: Panel, listener: (event: SourceEvent) => void): () => void
  on(name: 'status', listener: (status: Status) => void): () => void
  on(name: 'gap', listener: (gap: Gap) => void): () => void
  readonly status: Status
  panel(panel: Panel): PanelStatus
}
