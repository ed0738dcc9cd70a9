import { PartylineError } from '../../shared/errors'
import type { PanelRef } from '../../shared/names'

/** A panel as an app names it. */
export type PanelName = string | PanelRef

/** A copy, because the app's own array may be a proxy, which cannot be posted to the worker. */
export const refOf = (panel: PanelName): PanelRef => (typeof panel === 'string' ? [panel] : [...panel])

/** The short form of a reference: the name alone if there are no parameters. */
export const nameOf = (ref: PanelRef): PanelName => (ref.length > 1 ? ref : ref[0])

/** The panel as an error message quotes it. Untyped code may have passed any value. */
export const quotePanel = (panel: unknown): string =>
  `[${[panel]
    .flat()
    .map((part) => (typeof part === 'string' ? `"${part}"` : String(part)))
    .join(', ')}]`

/** Returns an error if untyped code has passed a value that cannot name a panel. Only the worker knows which panels exist. */
export function panelNameError(panel: unknown): PartylineError | undefined {
  const ref: readonly unknown[] = [panel].flat()
  if (ref[0] && ref.every((part) => typeof part === 'string')) return undefined
  return new PartylineError(
    'unknown-panel',
    `There is no panel ${quotePanel(panel)}. Pass a name or [name, ...parameters], all strings: write '42', not 42.`,
  )
}
