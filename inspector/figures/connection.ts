import type { State, Status } from '../../shared/status'
import { formatNumber, formatSeconds, formatTime } from '../format'

export const STATES: Readonly<Record<State, string>> = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  unauthorized: 'Not authorized',
  paused: 'Paused',
  closed: 'Closed',
}

/** How long a connection has its state, its attempts, and its next try: `for 12 s · attempt 3 · next try in 5 s`. */
export function describeConnection(
  {
    state,
    since,
    attempt,
    nextTryAt,
    recovered,
  }: Pick<Status, 'state' | 'since' | 'attempt' | 'nextTryAt' | 'recovered'>,
  now: number,
): string {
  const parts = [
    state === 'online' || state === 'connecting'
      ? `for ${formatSeconds(now - since)}`
      : `since ${formatTime(since, now)}`,
    attempt > 0 ? `attempt ${formatNumber(attempt)}` : undefined,
    nextTryAt === undefined ? undefined : `next try in ${formatSeconds(nextTryAt - now + 999)}`,
    state === 'online' && recovered ? 'session recovered' : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}
