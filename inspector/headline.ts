import type { State, Status } from '../src'
import { element, setAttribute, setText } from './dom/elements'
import { describeConnection, STATES } from './figures/connection'
import { formatTime } from './format'

/** Since when snapshots fail, and why the last one did. */
export interface InspectError {
  readonly since: number
  readonly message: string
}

function problemOf(
  { state, error, outdated }: Status,
  inspectError: InspectError | undefined,
  snapshotAt: number | undefined,
  now: number,
) {
  const figures = snapshotAt === undefined ? '' : ` Figures as of ${formatTime(snapshotAt, now)}.`
  if (state === 'closed') return `This tab’s line is closed.${figures}`
  if (inspectError)
    return `No snapshot from the worker since ${formatTime(inspectError.since, now)}: ${inspectError.message}${figures}`
  if (error) return error.message
  return outdated === undefined
    ? ''
    : `This page was reloaded for version ${outdated} but still runs another one.`
}

/** The state of the connection, since when, and the last problem. Screen readers announce changes of the state only. */
export function createHeadline(...tools: HTMLElement[]) {
  const label = element('strong')
  const details = element('span', { class: 'when' })
  const problem = element('p', { class: 'problem' })
  const announcement = element('p', { class: 'unseen', role: 'status' })
  const stateLine = element('p', { class: 'state' }, element('i', { 'aria-hidden': 'true' }), label, details)
  let lastState: State | undefined

  return {
    root: element(
      'header',
      {},
      element('h2', {}, 'Partyline'),
      element('div', { class: 'tools' }, ...tools),
      stateLine,
      problem,
      announcement,
    ),
    update(
      status: Status | undefined,
      inspectError: InspectError | undefined,
      snapshotAt: number | undefined,
    ) {
      const now = Date.now()
      setAttribute(stateLine, 'data-state', status?.state ?? 'none')
      setText(label, status ? STATES[status.state] : 'No line')
      setText(details, status ? describeConnection(status, now) : 'Set the element’s line property.')
      setText(problem, status ? problemOf(status, inspectError, snapshotAt, now) : '')
      if (lastState !== undefined && status && lastState !== status.state)
        setText(announcement, `Connection: ${STATES[status.state]}`)
      lastState = status?.state
    },
  }
}
