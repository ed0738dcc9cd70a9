export { type Failure, PartylineError, type Reason } from '../shared/errors'
export type { PanelEvent, PanelOf, RestoredPanel, Served } from '../shared/panel-types'
export type { Snapshot, TimelineEntry } from '../shared/snapshot'
export type { Denial, Gap, PanelStatus, ReloadOrder, RoomState, State, Status } from '../shared/status'
export type { Switchboard } from '../shared/switchboard'
export type { TokenAnswer, TokenSource } from '../shared/token'
export { type ConnectOptions, connect } from './connect'
export type { Factory, FactoryOptions } from './host/host'
export type {
  KeepOptions,
  Line,
  LineEvents,
  SendOptions,
  SubscribeOptions,
  UnsentMessage,
} from './line/line'
export { type ReloaderOptions, reloader } from './reload'
