export { LineProvider, type LineProviderProps, useLine } from './context'
export { type LatestOf, type PanelRoomEvent, useLatest } from './latest'
export { usePanel } from './panel'
export { usePanelState, useStatus } from './status'
