import type { Receipt } from './inbox'
import { LOOK, type Note } from './marks'

/** From when to when something was under way, in ms since 1970. */
export type Period = readonly [from: number, to: number]

export interface SendVerdict {
  /** How many messages were sent without `keep`, how often each way they ended, and how many never did: their page ended. */
  readonly sent: ReadonlyMap<string, number>
  /** How many messages were kept, and what became of them. */
  readonly kept: ReadonlyMap<string, number>
  readonly wrong: readonly string[]
}

/** The ways in which a promise may be rejected. `limit` is for kept messages alone. */
const REASONS = ['not-sent', 'unanswered', 'refused', 'aborted', 'closed', 'limit']

/**
 * Compares what pages were told about their messages with what the server received:
 * - Each promise settles in time, as long as its page lives.
 * - What was answered or refused was received, and has its own answer. What was not sent was never received.
 * - Each message that was kept was received, or some tab was told that it was refused, expired or withdrawn. A sign-out
 *   deletes those that were kept before. A database that is deleted takes along those that no worker has in its memory.
 * - A message that a tab kept after the promise of an earlier one had resolved is received after it.
 *
 * That nothing was received twice, the inbox has checked.
 */
export function judgeSends(
  notes: readonly Note[],
  receipts: ReadonlyMap<string, Receipt>,
  signOuts: readonly Period[],
  databaseLostAt: number,
  mayExpire: boolean,
): SendVerdict {
  const wrong: string[] = []
  const sent = new Map<string, number>()
  const kept = new Map<string, number>()
  const count = (counts: Map<string, number>, what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)

  const open = new Set<string>()
  const keptAt = new Map<string, { readonly at: number; readonly page: string }>()
  const outcomes = new Map<string, Set<string>>()
  /** The pages that keep a message, or have tried to. */
  const keepers = new Map<string, Set<string>>()
  for (const entry of notes)
    if (entry.what === 'keeping') keepers.set(entry.id, (keepers.get(entry.id) ?? new Set()).add(entry.page))
  for (const entry of notes) {
    switch (entry.what) {
      case 'sent':
        open.add(entry.id)
        break
      case 'settled':
        checkSettled(entry)
        if (open.delete(entry.id)) count(sent, entry.reason ?? 'answered')
        else count(kept, entry.reason ?? 'answered')
        break
      case 'kept':
        if (!keptAt.has(entry.id)) keptAt.set(entry.id, entry)
        break
      case 'overdue':
        wrong.push(`the promise of ${entry.id} did not settle in time`)
        break
      case 'outcome':
        outcomes.set(entry.id, (outcomes.get(entry.id) ?? new Set()).add(entry.outcome))
        break
    }
  }
  for (const _ of open) count(sent, 'its page ended')

  function checkSettled({ id, reason, message, answer }: Extract<Note, { what: 'settled' }>) {
    const receipt = receipts.get(id)
    const isTold = reason === undefined || reason === 'refused'
    if (reason !== undefined && !REASONS.includes(reason)) wrong.push(`${id}: ${reason}, ${message}`)
    if (isTold && !receipt) wrong.push(`${id} has an answer, and was never received`)
    const isKeptElsewhere = (keepers.get(id)?.size ?? 0) > 1
    if (reason === 'not-sent' && receipt && !keptAt.has(id) && !isKeptElsewhere)
      wrong.push(`${id} was not sent, but received: ${message}`)
    const isRight = reason === undefined ? (answer as { yes?: string })?.yes === id : message?.includes(id)
    if (isTold && !isRight)
      wrong.push(`${id} has the answer of another: ${JSON.stringify(answer ?? message)}`)
  }

  for (const [id, { at }] of keptAt) {
    const receipt = receipts.get(id)
    const told = outcomes.get(id) ?? new Set()
    const isSignedOut = signOuts.some(([, to]) => at < to)
    const isDeleted = at < databaseLostAt
    if (receipt) count(kept, receipt.isRefused ? 'refused' : 'received')
    else if (told.size > 0) count(kept, [...told].join(' and '))
    else if (isSignedOut) count(kept, 'signed out')
    else if (isDeleted) count(kept, 'deleted')
    else wrong.push(`${id} was kept, and lost without a word`)
    if (told.has('expired') && !mayExpire) wrong.push(`${id} was told as expired, long before its time`)
    if (told.has('acknowledged') && (!receipt || receipt.isRefused))
      wrong.push(`${id} was told as acknowledged, which the server did not do`)
    if (told.has('refused') && !receipt?.isRefused)
      wrong.push(`${id} was told as refused, which the server did not do`)
  }

  return { sent, kept, wrong: [...wrong, ...disorders(notes, receipts)] }
}

/**
 * When a worker served beside the one that serves the other tabs, which a worker does whose pages cannot open another one. Two
 * workers have an order each, and a tab each that handles an alarm. Pages notice it a little late.
 */
export function timesAlone(notes: readonly Note[]): readonly Period[] {
  const margin = 4 * LOOK
  const since = new Map<string, number>()
  const found: Period[] = []
  for (const entry of notes) {
    if (entry.what !== 'alone') continue
    const { page, at, isAlone } = entry
    if (isAlone) since.set(page, at)
    else found.push([(since.get(page) ?? at) - margin, at + margin])
    if (!isAlone) since.delete(page)
  }
  // The next page of the tab may have another worker.
  for (const [page, from] of since) {
    const last = notes.findLast((entry) => entry.page === page)
    found.push([from - margin, (last?.at ?? from) + margin])
  }
  return found
}

export const isIn = (periods: readonly Period[], at: number): boolean =>
  periods.some(([from, to]) => from <= at && at <= to)

/** Messages of a tab that were received before one whose promise had resolved when they were kept. */
function disorders(notes: readonly Note[], receipts: ReadonlyMap<string, Receipt>): string[] {
  const places = new Map([...receipts.keys()].map((id, place) => [id, place]))
  const found: string[] = []
  const alone = timesAlone(notes)
  /** For each tab, the last place that any of its resolved messages has. */
  const latest = new Map<string, { readonly id: string; readonly place: number }>()
  /** What must come before a message: the latest when it was kept. */
  const before = new Map<string, { readonly id: string; readonly place: number }>()
  for (const entry of notes) {
    const last = latest.get(entry.tab)
    if (entry.what === 'keeping' && last) before.set(entry.id, last)
    if (entry.what !== 'kept') continue
    const place = places.get(entry.id)
    if (place === undefined) continue
    const earlier = before.get(entry.id)
    if (earlier && place < earlier.place && !isIn(alone, entry.at))
      found.push(`${entry.id} was received before ${earlier.id}`)
    if (!last || place > last.place) latest.set(entry.tab, { id: entry.id, place })
  }
  return found
}
