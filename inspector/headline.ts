import type { State, Status } from '../src'
import { element, say, set } from './dom/dom'
import { age, clock, count } from './dom/format'

const STATES: Readonly<Record<State, string>> = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  unauthorized: 'Not authorized',
  paused: 'Paused by hand',
  closed: 'Closed',
}

/** Why the figures are not what they should be. */
export interface Trouble {
  readonly since: number
  readonly message: string
}

function when({ state, since, attempt, nextTryAt, recovered }: Status, now: number): string {
  const parts = [
    state === 'online' || state === 'connecting' ? `for ${age(now - since)}` : `since ${clock(since, now)}`,
    attempt > 0 ? `attempt ${count(attempt)}` : undefined,
    nextTryAt === undefined ? undefined : `next try in ${age(nextTryAt - now + 999)}`,
    state === 'online' && recovered ? 'session recovered' : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

function why(
  { state, error, outdated }: Status,
  trouble: Trouble | undefined,
  seenAt: number | undefined,
  now: number,
) {
  const figures = seenAt === undefined ? '' : ` Figures as of ${clock(seenAt, now)}.`
  if (state === 'closed') return `This tab’s line is closed.${figures}`
  if (trouble)
    return `No figures from the worker since ${clock(trouble.since, now)}: ${trouble.message}${figures}`
  if (error) return error.message
  return outdated === undefined
    ? ''
    : `This page was to be reloaded for version ${outdated}, and does not run it.`
}

/** The connection in a word, since when, and what is wrong with it. Changes of the word alone are read out. */
export function createHeadline(...tools: HTMLElement[]) {
  const word = element('strong')
  const since = element('span', { class: 'when' })
  const problem = element('p', { class: 'problem' })
  const spoken = element('p', { class: 'unseen', role: 'status' })
  const state = element('p', { class: 'state' }, element('i', { 'aria-hidden': 'true' }), word, since)
  let told: State | undefined

  return {
    root: element(
      'header',
      {},
      element('h2', {}, 'Partyline'),
      element('div', { class: 'tools' }, ...tools),
      state,
      problem,
      spoken,
    ),
    update(status: Status | undefined, trouble: Trouble | undefined, seenAt: number | undefined) {
      const now = Date.now()
      set(state, 'data-state', status?.state ?? 'none')
      say(word, status ? STATES[status.state] : 'No line')
      say(since, status ? when(status, now) : 'Set the element’s line property.')
      say(problem, status ? why(status, trouble, seenAt, now) : '')
      if (told !== undefined && status && told !== status.state)
        say(spoken, `Connection: ${STATES[status.state]}`)
      told = status?.state
    },
  }
}
