import type { Line } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { element } from './dom.ts'
import { clock, span } from './words.ts'

const LINES = 6

/** What this page was told, newest first. */
export function createDiary() {
  const list = element('ol', {}, ...Array.from({ length: LINES }, () => element('li', {}, '\u00a0')))
  return {
    root: element(
      'section',
      { class: 'card diary', 'aria-labelledby': 'diary' },
      element('h2', { id: 'diary' }, 'What this tab was told'),
      list,
    ),
    note(what: string, tone = 'plain') {
      list.prepend(element('li', { 'data-tone': tone }, element('time', {}, clock(Date.now())), ` ${what}`))
      list.lastElementChild?.remove()
    },
  }
}

export type Diary = ReturnType<typeof createDiary>

/** All that is told of a line. */
export function keepDiary(line: Line<Dashboard>, diary: Diary) {
  let { state } = line.status
  line.on('status', (status) => {
    if (status.state === state) return
    state = status.state
    const why = status.error ? `: ${status.error.message}` : status.recovered ? ': session recovered' : ''
    diary.note(`${state}${why}`, state === 'online' ? 'live' : 'wait')
  })
  line.on('gap', ({ rooms, from, to, cause }) =>
    diary.note(`gap of ${span(to - from)} in ${rooms.join(', ')} (${cause})`, 'wait'),
  )
  line.on('denied', ({ room, reason }) => diary.note(`denied ${room}: ${reason}`, 'bad'))
  line.on('error', ({ message }) => diary.note(message, 'bad'))
  line.on('reload', ({ reason, version }) => diary.note(`reload ordered: ${reason} ${version ?? ''}`, 'wait'))
}
