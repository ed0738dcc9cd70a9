import { element } from '../dom.ts'
import { describeFetched, formatTime } from '../format.ts'
import type { MakeView } from './view.ts'

const PANES = ['0: api', '1: worker', '2: web'] as const
const LINES = 22

/** One line of a pane: output, or a gap. */
interface Line {
  readonly at: number
  readonly text: string
  readonly mark: string
}

export const tmux: MakeView = (logs) => {
  const log = logs.of('tmux')
  const screens = PANES.map(() => element('pre', { tabindex: '0' }))
  const root = element(
    'div',
    { class: 'panes' },
    ...PANES.map((name, index) => {
      screens[index]?.setAttribute('aria-label', `Pane ${name}`)
      screens[index]?.setAttribute('role', 'region')
      return element('section', {}, element('h2', {}, name), screens[index] ?? '')
    }),
  )
  return {
    root,
    render() {
      for (const [index, screen] of screens.entries()) {
        const lines: Line[] = log.items
          .filter(({ pane }) => pane === index)
          .slice(-LINES)
          .map((item) => ({ at: item.at, text: item.line, mark: log.isLate(item) ? 'fetched' : 'live' }))
        const oldest = lines[0]?.at ?? 0
        for (const { from, to, filled } of log.gaps) {
          const text =
            filled === undefined
              ? `── gap since ${formatTime(from)} ──`
              : `── gap: ${describeFetched(filled, 'line')} ──`
          if (to >= oldest) lines.push({ at: to, text, mark: 'gap' })
        }
        const latest = lines.sort((a, b) => a.at - b.at).slice(-LINES)
        screen.replaceChildren(
          ...latest.map(({ at, text, mark }) =>
            element('span', { 'data-mark': mark }, element('time', {}, formatTime(at)), ` ${text}\n`),
          ),
        )
      }
    },
  }
}
