export { type ConnectOptions, connect } from './connect'
export { type Failure, PartylineError, type Reason } from './errors'
export type { Factory, FactoryOptions } from './host'
export type { Line, LineEvents } from './line'
export type {
  Denial,
  Gap,
  PanelEvent,
  PanelOf,
  PanelStatus,
  ReloadOrder,
  RestoredPanel,
  RoomState,
  Served,
  Snapshot,
  State,
  Status,
  Switchboard,
  TimelineEntry,
  TokenAnswer,
  TokenSource,
} from './protocol'
export { type ReloaderOptions, reloader } from './reload'
