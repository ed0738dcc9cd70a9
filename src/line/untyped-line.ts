import type { PanelStatus } from '../../shared/status'
import type { WireEvent } from '../../shared/wire'
import type { Line, SubscribeOptions } from './line'
import type { PanelName } from './panel-name'

/** An event as listeners get it, without the types of a dashboard. */
export type UntypedEvent = Omit<WireEvent, 'id'> & { readonly panel: PanelName; readonly replayed: boolean }

/** A line without the types of a dashboard. */
export interface UntypedLine extends Omit<Line, 'subscribe' | 'panel' | 'restored'> {
  subscribe(panel: PanelName, listener: (event: UntypedEvent) => void, options?: SubscribeOptions): () => void
  panel(panel: PanelName): PanelStatus
  readonly restored: Promise<readonly PanelName[]>
}
