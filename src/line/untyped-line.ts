import type { PanelStatus } from '../../shared/status'
import type { WireEvent } from '../../shared/wire'
import type { KeepOptions, Line, SendOptions, SubscribeOptions } from './line'
import type { PanelName } from './panel-name'

/** An event as listeners get it, without the types of a dashboard. */
export type UntypedEvent = Omit<WireEvent, 'id'> & { readonly panel: PanelName; readonly replayed: boolean }

/** A line without the types of a dashboard. */
export interface UntypedLine extends Omit<Line, 'subscribe' | 'panel' | 'restored' | 'send'> {
  subscribe(panel: PanelName, listener: (event: UntypedEvent) => void, options?: SubscribeOptions): () => void
  send(name: string, payload: unknown, options?: SendOptions | KeepOptions): Promise<unknown>
  panel(panel: PanelName): PanelStatus
  readonly restored: Promise<readonly PanelName[]>
}
