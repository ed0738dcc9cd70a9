import { createTop } from './top.ts'

export function openCompare(into: HTMLElement): void {
  into.replaceChildren(createTop())
}
