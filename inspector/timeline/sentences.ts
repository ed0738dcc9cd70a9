import type { Snapshot, TimelineEntry } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'
import { brief, clock, duration } from '../dom/format'

/** The kinds of marks. `note`: in the log alone, not in the picture. */
export type Kind = 'start' | 'drop' | 'retry' | 'poll' | 'reload' | 'gap' | 'wake' | 'note'

/** An entry that is not about the link's state: those are phases, which last. */
export type Momentary = Exclude<TimelineEntry, { readonly what: 'state-changed' }>

/** The kind of mark an entry is, and what happened in a sentence. */
export function tell(entry: Momentary): readonly [kind: Kind, sentence: string] {
  switch (entry.what) {
    case 'attempt-failed':
      return ['retry', `Attempt ${entry.attempt} failed: ${entry.reason}`]
    case 'version-read':
      return ['poll', `Version endpoint: ${entry.version}`]
    case 'version-unavailable':
      return ['poll', `Version endpoint: no version: ${entry.reason}`]
    case 'gap':
      return ['gap', tellGap(entry)]
    case 'tab-arrived':
      return ['note', `Tab ${brief(entry.tab)} arrived`]
    case 'tab-left':
      return ['note', `Tab ${brief(entry.tab)} went away`]
    case 'tab-forgotten':
      return ['note', `Tab ${brief(entry.tab)} was forgotten`]
    case 'panel-not-restored':
      return [
        'note',
        `Panel ${entry.panel.join(' / ')} of tab ${brief(entry.tab)} was not restored: ${entry.reason}`,
      ]
    case 'session-restored':
      return ['note', 'The session of the last worker is continued']
    case 'session-not-restored':
      return ['note', 'The last worker left no session to continue']
    case 'reload-ordered':
      return ['reload', 'The server ordered all tabs to reload']
    case 'reload-given': {
      const why = [entry.reason, entry.version].filter((part) => part !== undefined).join(' ')
      return ['reload', `Tab ${brief(entry.tab)} was ordered to reload: ${why}`]
    }
    case 'woke-from-sleep':
      return ['wake', 'Woke from sleep']
    case 'signed-out':
      return ['note', 'Signed out']
    default:
      return ['note', nameOf(entry)]
  }
}

/** A worker of another version may send names that this inspector does not know. */
const nameOf = (entry: never): string => (entry as TimelineEntry).what

/** A gap; with its times, where this tab was told of it. */
export function tellGap({ rooms, cause, from, to }: Pick<Gap, 'rooms' | 'cause'> & Partial<Gap>): string {
  const when = from === undefined || to === undefined ? '' : `, from ${clock(from)} to ${clock(to)}`
  return `Gap in ${rooms.join(', ')}: ${cause}${when}`
}

/** A time for which the link was down. */
export function tellOutage({
  reason,
  hungUp,
  for: length,
  recovered,
}: Snapshot['link']['outages'][number]): readonly [kind: Kind, sentence: string] {
  const end = length === undefined ? 'still down' : `down for ${duration(length)}`
  if (hungUp) return ['note', `Hung up; ${end}`]
  const session = recovered === undefined ? '' : `, session ${recovered ? 'recovered' : 'begun anew'}`
  return ['drop', `Link lost: ${reason}; ${end}${session}`]
}
