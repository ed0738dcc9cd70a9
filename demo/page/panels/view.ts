import type { Acknowledgements } from '../acknowledgements.ts'
import type { Bell } from '../bell.ts'
import type { RoomLogs } from '../room-logs.ts'

/** A panel's content. It is rendered when the logs of its rooms change, and every second. */
export interface View {
  readonly root: HTMLElement
  render(now: number): void
}

/** What only a page with a line has. */
export interface LineParts {
  readonly acknowledgements: Acknowledgements
  readonly bell: Bell
}

export type MakeView = (logs: RoomLogs, param: string, lineParts: LineParts | undefined) => View
