import type { Desk } from '../desk.ts'

/** What a panel looks like: drawn from the desk's logs, whenever they change and every second. */
export interface View {
  readonly root: HTMLElement
  render(now: number): void
}

export type MakeView = (desk: Desk, param: string) => View
