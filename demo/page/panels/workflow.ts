import { hashOf, WORKFLOWS } from '../address.ts'
import { element, setText } from '../dom.ts'
import { createTable } from '../table.ts'
import { logRows } from './log-rows.ts'
import type { MakeView } from './view.ts'

const STEPS = 6
const ROWS = 8

export const workflow: MakeView = (logs, id) => {
  const log = logs.of(`adw-state/${id}`)
  const others = element(
    'nav',
    { class: 'chips', 'aria-label': 'Workflows' },
    ...WORKFLOWS.map((each) =>
      element(
        'a',
        { href: hashOf(['workflow', each]), ...(each === id && { 'aria-current': 'page' }) },
        `Run ${each}`,
      ),
    ),
  )
  const steps = Array.from({ length: STEPS }, (_, index) =>
    element('li', {}, element('i', {}, String(index + 1)), element('span', {}, '–')),
  )
  const bar = element('i')
  const part = element('b', {}, '–')
  const table = createTable(
    'What it did',
    [{ head: 'Time', width: '6.4em' }, { head: 'Step' }, { head: 'Done', width: '6em' }],
    ROWS,
  )
  return {
    root: element(
      'div',
      { class: 'stack' },
      others,
      element('ol', { class: 'steps' }, ...steps),
      element(
        'p',
        { class: 'meter wide' },
        element('span', {}, 'done'),
        element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
        part,
      ),
      table.root,
    ),
    render() {
      const { latest } = log
      if (latest) {
        for (const [index, item] of steps.entries()) {
          item.dataset['state'] = index < latest.step ? 'done' : index === latest.step ? 'doing' : 'ahead'
          const name = item.lastElementChild
          if (name) setText(name, latest.steps[index] ?? '–')
        }
        bar.style.width = `${latest.progress}%`
        bar.dataset['tone'] = 'one'
        setText(part, `${latest.progress} %`)
      }
      table.set(
        logRows({ log, rows: ROWS, width: 2, cells: ({ doing, progress }) => [doing, `${progress} %`] }),
      )
    },
  }
}
