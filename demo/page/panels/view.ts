import type { RoomLogs } from '../room-logs.ts'

/** A panel's content. It is rendered when the logs of its rooms change, and every second. */
export interface View {
  readonly root: HTMLElement
  render(now: number): void
}

export type MakeView = (logs: RoomLogs, param: string) => View
