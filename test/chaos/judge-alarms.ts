import { isIn, type Period, timesAlone } from './judge-sends'
import type { Note } from './marks'

type Handled = Extract<Note, { what: 'handled' }>

export interface AlarmVerdict {
  readonly handled: number
  /** Alarms that no tab handled, and that a gap announced. */
  readonly announced: number
  readonly wrong: readonly string[]
}

/**
 * From the first alarm that a tab handled on, each is handled by exactly one tab, or a gap of its room was announced, whose
 * time includes the alarm's. `sent[n]` is when the server sent alarm n. `setBack` is how far the browser's clock was set back.
 * A worker that serves alone has a tab of its own that handles them. A sign-out forgets those that are not handled yet, and the tabs of a user who has signed out get none.
 * One that fails because its worker ends forgets in the pages what they have handled, but not the session, which brings it again.
 */
export function judgeAlarms(
  notes: readonly Note[],
  sent: readonly number[],
  signOuts: readonly Period[],
  failedSignOuts: readonly Period[],
  setBack: number,
): AlarmVerdict {
  const wrong: string[] = []
  const handled = new Map<number, Handled[]>()
  const gaps: Extract<Note, { what: 'gap' }>[] = []
  for (const entry of notes) {
    if (entry.what === 'gap') gaps.push(entry)
    if (entry.what === 'handled') handled.set(entry.n, [...(handled.get(entry.n) ?? []), entry])
  }
  if (handled.size === 0) wrong.push('no tab has handled any alarm')
  const alone = timesAlone(notes)
  let announced = 0
  /** The next alarm that was handled. */
  let next: Handled | undefined
  for (let n = sent.length - 1; n >= Math.min(...handled.keys()); n -= 1) {
    const by = handled.get(n) ?? []
    if (by.length > 1 && !by.some(({ at }) => isIn(alone, at)) && !isAroundFailure(by))
      wrong.push(`alarm ${n} was handled twice: ${by.map(({ page, at }) => `${page} at ${at}`).join(', ')}`)
    if (by[0]) {
      next = by[0]
      continue
    }
    const at = sent[n] ?? 0
    const until = (next?.received ?? Infinity) + setBack
    const isAnnounced = gaps.some((gap) => gap.from <= until && gap.to >= at - setBack)
    if (isAnnounced) announced += 1
    else if (!isForgotten(n, at))
      wrong.push(`alarm ${n}, sent at ${at}, was handled by no tab, without a gap`)
  }

  function isAroundFailure(by: readonly Handled[]): boolean {
    return failedSignOuts.some(
      ([from, to]) => by.some(({ at }) => at <= to) && by.some(({ at }) => at >= from),
    )
  }

  /** Whether a sign-out explains it: it was sent shortly before or after, and no later one was handled before the sign-out ended. */
  function isForgotten(n: number, at: number): boolean {
    let last = n
    while (!handled.has(last)) last -= 1
    const handledAt = handled.get(last)?.[0]?.at ?? 0
    return signOuts.some(([from, to]) => at > from - FORGOTTEN && handledAt <= to)
  }
  return { handled: handled.size, announced, wrong }
}

/** How long before a sign-out an alarm may have been sent that no tab has handled yet, in ms. */
const FORGOTTEN = 6000
