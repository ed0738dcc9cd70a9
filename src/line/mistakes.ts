import { PartylineError } from '../../shared/errors'

/** A panel in words, whatever code without types has given for one. */
export const describe = (panel: unknown): string =>
  `[${[panel]
    .flat()
    .map((part) => (typeof part === 'string' ? `"${part}"` : String(part)))
    .join(', ')}]`

/** What is wrong with a panel that code without types has named. Whether there is such a panel, only the worker knows. */
export function mistakeIn(panel: unknown): PartylineError | undefined {
  const ref: readonly unknown[] = [panel].flat()
  if (ref[0] && ref.every((part) => typeof part === 'string')) return undefined
  return new PartylineError(
    'unknown-panel',
    `There is no panel ${describe(panel)}. A panel is its name or [name, ...parameters], each a string: write '42', not 42.`,
  )
}
