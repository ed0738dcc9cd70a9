import type { ErrorRow } from '../../server/rooms.ts'
import { bellIcon } from '../bell.ts'
import { createChart } from '../chart.ts'
import { element, setText, svgElement } from '../dom.ts'
import { formatCount, formatTime } from '../format.ts'
import { chip, createTable } from '../table.ts'
import { logRows } from './log-rows.ts'
import type { LineParts, MakeView } from './view.ts'

const ROWS = 11
const SLOT = 5000
const SLOTS = 18

/** Errors and warnings per five seconds, as stacked bars. */
function createBars() {
  const bars = Array.from(
    { length: SLOTS },
    () => [svgElement('rect', { class: 'bad' }), svgElement('rect', { class: 'wait' })] as const,
  )
  const total = element('b', { class: 'wide' }, '–')
  const svg = svgElement(
    'svg',
    { viewBox: `0 0 ${SLOTS * 10} 60`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...bars.flat(),
  )
  const root = element(
    'figure',
    { class: 'chart' },
    element(
      'figcaption',
      {},
      element('span', {}, 'Errors and warnings per 5 s'),
      element('ul', { class: 'legend' }, element('li', { class: 'bad' }, 'in the last 90 s ', total)),
    ),
    element('div', { class: 'plot bars' }, svg),
  )
  return {
    root,
    render(items: readonly { readonly at: number; readonly level: string }[], now: number) {
      const end = Math.floor(now / SLOT)
      const counts = bars.map(() => ({ error: 0, warning: 0 }))
      for (const { at, level } of items) {
        const count = counts[SLOTS - 1 - (end - Math.floor(at / SLOT))]
        if (count) count[level === 'error' ? 'error' : 'warning'] += 1
      }
      const most = Math.max(6, ...counts.map(({ error, warning }) => error + warning))
      for (const [index, [errors, warnings]] of bars.entries()) {
        const { error = 0, warning = 0 } = counts[index] ?? {}
        const place = (rect: SVGRectElement, below: number, count: number) => {
          const height = (count / most) * 58
          rect.setAttribute('x', String(index * 10 + 1))
          rect.setAttribute('width', '8')
          rect.setAttribute('y', (60 - (below / most) * 58 - height).toFixed(1))
          rect.setAttribute('height', height.toFixed(1))
        }
        place(errors, 0, error)
        place(warnings, error, warning)
      }
      setText(
        total,
        formatCount(
          counts.reduce((sum, { error, warning }) => sum + error + warning, 0),
          'event',
        ),
      )
    },
  }
}

/** What the row of an error shows beside the error: who has acknowledged it, and whether this page has rung for it. */
function createRowState({ acknowledgements, bell }: LineParts) {
  function button(row: ErrorRow) {
    const node = element(
      'button',
      { type: 'button', 'aria-label': `Acknowledge: ${row.message}` },
      'Acknowledge',
    )
    node.addEventListener('click', () => void acknowledgements.add(row))
    return node
  }

  return {
    /** A text that differs whenever the row looks different. */
    variant: (row: ErrorRow) => `${acknowledgements.progressOf(row)} ${bell.hasRung(row)}`,
    rang: (row: ErrorRow) =>
      bell.hasRung(row)
        ? [element('span', { class: 'rang', role: 'img', 'aria-label': 'rang in this tab' }, bellIcon())]
        : [],
    acknowledged(row: ErrorRow): Node {
      const { at = 0 } = row.acknowledged ?? {}
      const done = (where: string) =>
        element('span', { class: 'done', title: `Acknowledged at ${formatTime(at)}` }, `✓ ${where}`)
      switch (acknowledgements.progressOf(row)) {
        case 'open':
          return button(row)
        case 'sending':
          return chip('sending', 'one')
        case 'waiting':
          return chip('waits to be sent', 'wait')
        case 'mine':
          return done('in this tab')
        case 'other':
          return done('in another tab')
      }
    },
  }
}

export const errors: MakeView = (logs, _, lineParts) => {
  const log = logs.of('errors')
  const bars = createBars()
  const failing = createChart({
    title: 'Requests that fail',
    unit: '%',
    log: logs.of('stats'),
    series: [{ name: 'failing', tone: 'bad', value: ({ failing: part }) => part }],
    maxSilence: 3500,
  })
  const rowState = lineParts && createRowState(lineParts)
  const table = createTable(
    'Latest errors',
    [
      { head: 'Time', width: '6.4em' },
      { head: 'Message' },
      { head: 'Level', width: '6.2em' },
      { head: 'Service', width: '5.6em' },
      { head: 'Trace', width: '6.4em' },
      ...(rowState ? [{ head: 'Acknowledged', width: '10.2em' }] : []),
    ],
    ROWS,
  )
  if (rowState) table.root.classList.add('pinned')
  /** When the latest shown error happened. It stays while somebody uses the table, so that no row moves away from under the pointer. */
  let until = 0
  return {
    root: element(
      'div',
      { class: 'stack' },
      element('div', { class: 'pair' }, bars.root, failing.root),
      table.root,
    ),
    render(now) {
      bars.render(log.items, now)
      failing.render(now)
      if (!table.isUsed()) until = now
      const later = log.items.filter(({ at }) => at > until).length
      table.note(later === 0 ? '' : `${later} newer, held while you point here`)
      table.set(
        logRows({
          log,
          rows: ROWS,
          until,
          width: rowState ? 5 : 4,
          ...(rowState && { variant: rowState.variant }),
          cells: (row) => [
            row.message,
            element(
              'span',
              {},
              chip(row.level, row.level === 'error' ? 'bad' : 'wait'),
              ...(rowState?.rang(row) ?? []),
            ),
            row.service,
            element('code', {}, row.trace),
            ...(rowState ? [rowState.acknowledged(row)] : []),
          ],
        }),
      )
    },
  }
}
