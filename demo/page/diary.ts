import { element } from './dom.ts'
import { clock } from './words.ts'

const LINES = 8

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
