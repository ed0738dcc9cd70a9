import type { KeptReason, Snapshot, TimelineEntry } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'
import { fileOf, formatCount, formatDuration, formatTime, shortId } from '../format'
import type { Phase, Span } from './spans'

/** The kinds of marks. A `note` is in the log only, not in the chart. */
export type MarkKind = 'start' | 'drop' | 'retry' | 'poll' | 'reload' | 'gap' | 'wake' | 'note'
export type ChartMarkKind = Exclude<MarkKind, 'note'>

const PHASES: Readonly<Record<Phase, string>> = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  polling: 'Offline, polling the version',
  unauthorized: 'Not authorized',
  paused: 'Paused',
  idle: 'Idle, no tab open',
}

const MARKS: Readonly<Record<ChartMarkKind, readonly [one: string, many?: string]>> = {
  start: ['start'],
  drop: ['loss', 'losses'],
  retry: ['failed retry', 'failed retries'],
  poll: ['poll'],
  reload: ['reload order'],
  gap: ['gap'],
  wake: ['wake-up'],
}

/** `1 loss`, `3 failed retries`. */
export const describeCount = (count: number, kind: ChartMarkKind): string =>
  formatCount(count, ...MARKS[kind])

export function describeSpan({ phase, from, to, reason, retries }: Span, now: number): string {
  // No length while the phase lasts: it would change every second, and screen readers would read it out each time.
  const time =
    to >= now
      ? `since ${formatTime(from)}`
      : `from ${formatTime(from)} to ${formatTime(to)}, ${formatDuration(to - from)}`
  const failed = retries.length > 0 ? `, ${describeCount(retries.length, 'retry')}` : ''
  // A worker of another version may have other states.
  return `${PHASES[phase] ?? phase} ${time}${failed}${reason === undefined ? '' : `: ${reason}`}`
}

const KEPT: Readonly<Partial<Record<string, string>>> = {
  older: 'this build is newer, and has pages open',
  'too-often': 'earlier builds took over several times within a minute',
  'page-cannot-move': 'a page could not open it',
} satisfies Record<KeptReason, string>

type Entry<What extends TimelineEntry['what']> = Extract<TimelineEntry, { readonly what: What }>

/** Why the worker goes on serving. */
export const describeKept = ({ why }: Entry<'kept-serving'>): string => KEPT[why] ?? why

/** What the worker of another build has handed over. */
export function describeTakeover({ address, tabs, rooms, session }: Entry<'took-over'>): string {
  const what = `${formatCount(tabs, 'tab')} and ${formatCount(rooms, 'room')}`
  return `${what} from ${fileOf(address)}, ${session ? 'with its session' : 'but not its session'}`
}

/** The kind of mark for an entry of the worker's timeline, and what it says. Changes of state are spans, not marks. */
export function describeEntry(
  entry: Exclude<TimelineEntry, { readonly what: 'state-changed' }>,
): readonly [kind: MarkKind, text: string] {
  switch (entry.what) {
    case 'attempt-failed':
      return ['retry', `Attempt ${entry.attempt} failed: ${entry.reason}`]
    case 'version-read':
      return ['poll', `Version endpoint: ${entry.version}`]
    case 'version-unavailable':
      return ['poll', `Version endpoint: no version: ${entry.reason}`]
    case 'gap':
      return ['gap', describeGap(entry)]
    case 'tab-arrived':
      return ['note', `Tab ${shortId(entry.tab)} arrived`]
    case 'tab-left':
      return ['note', `Tab ${shortId(entry.tab)} left`]
    case 'tab-forgotten':
      return ['note', `Tab ${shortId(entry.tab)} was forgotten`]
    case 'panel-not-restored':
      return [
        'note',
        `Panel ${entry.panel.join(' / ')} of tab ${shortId(entry.tab)} was not restored: ${entry.reason}`,
      ]
    case 'session-restored':
      return ['note', 'Continued the session of the previous worker']
    case 'session-not-restored':
      return ['note', 'The previous worker left no session to continue']
    case 'took-over':
      return ['start', `Worker started, and took over ${describeTakeover(entry)}`]
    case 'kept-serving':
      return ['note', `Did not give way to ${fileOf(entry.address)}: ${describeKept(entry)}`]
    case 'reload-ordered':
      return ['reload', 'The server ordered all tabs to reload']
    case 'reload-given': {
      const why = [entry.reason, entry.version].filter((part) => part !== undefined).join(' ')
      return ['reload', `Tab ${shortId(entry.tab)} was ordered to reload: ${why}`]
    }
    case 'woke-from-sleep':
      return ['wake', 'Woke from sleep']
    case 'signed-out':
      return ['note', 'Signed out']
    default:
      return ['note', unknownName(entry)]
  }
}

/** A worker of a later version may send entries that this inspector does not know. */
const unknownName = (entry: never): string => (entry as TimelineEntry).what

/** A gap; with its times if this tab received it. */
export function describeGap({ rooms, cause, from, to }: Pick<Gap, 'rooms' | 'cause'> & Partial<Gap>): string {
  const times =
    from === undefined || to === undefined ? '' : `, from ${formatTime(from)} to ${formatTime(to)}`
  return `Gap in ${rooms.join(', ')}: ${cause}${times}`
}

export function describeOutage({
  reason,
  hungUp,
  for: length,
  recovered,
}: Snapshot['link']['outages'][number]): readonly [kind: MarkKind, text: string] {
  const time = length === undefined ? 'still down' : `down for ${formatDuration(length)}`
  if (hungUp) return ['note', `Disconnected (${hungUp}); ${time}`]
  const session = recovered === undefined ? '' : recovered ? ', session recovered' : ', new session'
  return ['drop', `Connection lost: ${reason}; ${time}${session}`]
}
