import { PartylineError } from '../../shared/errors'
import type { LineEvents } from './line'

const EVENT_NAMES = Object.keys({
  status: true,
  panels: true,
  reload: true,
  gap: true,
  denied: true,
  kept: true,
  lead: true,
  signout: true,
  error: true,
} satisfies Record<keyof LineEvents, true>)

/** Throws if untyped code has passed an event that does not exist, or no listener. */
export function checkListener(name: string, listener: unknown): void {
  if (EVENT_NAMES.includes(name) && typeof listener === 'function') return
  throw new PartylineError(
    'bad-argument',
    `on("${String(name)}") needs a listener and one of these events: ${EVENT_NAMES.join(', ')}.`,
  )
}
