import type { Line } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { element } from './dom.ts'
import { formatDuration, formatTime } from './format.ts'

const LINES = 6

/** The last events of the line, the newest first. */
export function createLineEvents() {
  const list = element('ol', {}, ...Array.from({ length: LINES }, () => element('li', {}, '\u00a0')))
  return {
    root: element(
      'section',
      { class: 'card line-events', 'aria-labelledby': 'line-events' },
      element('h2', { id: 'line-events' }, 'Reported to this tab'),
      list,
    ),
    add(text: string, tone = 'plain') {
      list.prepend(
        element('li', { 'data-tone': tone }, element('time', {}, formatTime(Date.now())), ` ${text}`),
      )
      list.lastElementChild?.remove()
    },
  }
}

export type LineEvents = ReturnType<typeof createLineEvents>

/** Adds every event of the line to the list. */
export function showLineEvents(line: Line<Dashboard>, events: LineEvents) {
  let { state } = line.status
  line.on('status', (status) => {
    if (status.state === state) return
    state = status.state
    const details = status.error ? `: ${status.error.message}` : status.recovered ? ': session recovered' : ''
    events.add(`${state}${details}`, state === 'online' ? 'live' : 'wait')
  })
  line.on('gap', ({ rooms, from, to, cause }) =>
    events.add(`gap of ${formatDuration(to - from)} in ${rooms.join(', ')} (${cause})`, 'wait'),
  )
  line.on('denied', ({ room, reason }) => events.add(`denied ${room}: ${reason}`, 'bad'))
  line.on('kept', ({ name, outcome, reason }) =>
    events.add(
      `kept message ${name}: ${outcome}${reason === undefined ? '' : `, ${reason}`}`,
      outcome === 'acknowledged' ? 'live' : 'bad',
    ),
  )
  line.on('error', ({ message }) => events.add(message, 'bad'))
  line.on('reload', ({ reason, version }) =>
    events.add(`reload ordered: ${[reason, version].filter(Boolean).join(' ')}`, 'wait'),
  )
}
