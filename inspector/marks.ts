import type { Snapshot } from '../src'
import { FAILED, HUNG_UP, POLLED, phaseIn } from './spans'
import type { Poll, ToldGap, Witness } from './witness'
import { brief, clock, duration } from './words'

/** `note`: said by the worker, and not to be seen in the picture. */
export type Kind = 'start' | 'drop' | 'retry' | 'poll' | 'reload' | 'gap' | 'wake' | 'note'

/** Something that happened at one moment. */
export interface Mark {
  readonly kind: Kind
  readonly at: number
  readonly text: string
}

/** Two records of one gap are at most so far apart, in ms. */
const SAME = 2000

/** How the worker begins a line that is more than a note. Its lines about the link's phases are the spans'. */
const BEGINNINGS: readonly (readonly [RegExp, Kind])[] = [
  [FAILED, 'retry'],
  [POLLED, 'poll'],
  [/^gap in /, 'gap'],
  [/^reload ordered /, 'reload'],
  [/^tab \S+ is to reload/, 'reload'],
  [/^woke /, 'wake'],
]

/** A line of the worker as a sentence, with the ids of tabs as they are in their table. Rooms keep their names. */
function sentence(what: string): string {
  const text = what.startsWith('gap in ')
    ? what
    : what.trim().replace(/\btab (\S+)/g, (_, id: string) => `tab ${brief(id)}`)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const noted = ({ timeline }: Snapshot): Mark[] =>
  timeline
    .filter(({ what }) => phaseIn(what) === undefined)
    .map(({ at, what }) => ({
      kind: BEGINNINGS.find(([beginning]) => beginning.test(what))?.[1] ?? 'note',
      at,
      text: sentence(what),
    }))

/** A gap told to this tab that the worker's timeline has not. */
function told({ at, gap }: ToldGap, known: readonly Mark[]): Mark[] {
  const isKnown = gap.rooms.every((room) =>
    known.some((mark) => Math.abs(mark.at - at) < SAME && mark.text === `Gap in ${room}: ${gap.cause}`),
  )
  if (isKnown) return []
  const text = `Gap in ${gap.rooms.join(', ')}: ${gap.cause}, from ${clock(gap.from)} to ${clock(gap.to)}`
  return [{ kind: 'gap', at, text }]
}

function drop({ at, reason, for: length, recovered }: Snapshot['link']['outages'][number]): Mark {
  const end = length === undefined ? 'still down' : `down for ${duration(length)}`
  if (HUNG_UP[reason]) return { kind: 'note', at, text: `Hung up; ${end}` }
  const session = recovered === undefined ? '' : `, session ${recovered ? 'recovered' : 'begun anew'}`
  return { kind: 'drop', at, text: `Link lost: ${reason}; ${end}${session}` }
}

/** A poll that was seen, and is not among those that the worker's timeline has. */
function seen({ at, answer }: Poll, known: readonly Mark[]): Mark[] {
  if (known.some((mark) => mark.kind === 'poll' && mark.at === at)) return []
  return [{ kind: 'poll', at, text: `Version endpoint: ${answer}` }]
}

/** What is to be marked, earliest first. */
export function marksOf(snapshot: Snapshot, witness: Pick<Witness, 'polls' | 'gaps'>): Mark[] {
  const known = noted(snapshot)
  return [
    { kind: 'start' as const, at: snapshot.startedAt, text: 'Worker started' },
    ...snapshot.link.outages.map(drop),
    ...witness.polls.flatMap((poll) => seen(poll, known)),
    ...witness.gaps.flatMap((gap) => told(gap, known)),
    ...known,
  ].sort((a, b) => a.at - b.at)
}
