import { element } from './dom.ts'

export interface Column {
  readonly head: string
  /** A CSS width. It is fixed, so that columns do not move when rows change. */
  readonly width?: string
}

export interface Row {
  readonly cells: readonly (string | Node)[]
  readonly mark?: string
}

/** A table with a fixed number of rows; those without data are empty. */
export function createTable(caption: string, columns: readonly Column[], rows: number) {
  const body = element('tbody')
  const blank: Row = { cells: columns.map(() => '\u00a0') }
  const root = element(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element(
        'colgroup',
        {},
        ...columns.map(({ width }) => element('col', width === undefined ? {} : { style: `width:${width}` })),
      ),
      element(
        'thead',
        {},
        element('tr', {}, ...columns.map(({ head }) => element('th', { scope: 'col' }, head))),
      ),
      body,
    ),
  )
  return {
    root,
    set(some: readonly Row[]) {
      const padded = [...some.slice(0, rows), ...Array<Row>(Math.max(0, rows - some.length)).fill(blank)]
      body.replaceChildren(
        ...padded.map(({ cells, mark }) =>
          element(
            'tr',
            mark === undefined ? {} : { 'data-mark': mark },
            ...cells.map((cell) => element('td', {}, cell)),
          ),
        ),
      )
    },
  }
}

/** A label in a coloured frame. */
export const chip = (label: string, tone: string): HTMLElement =>
  element('span', { class: 'chip', 'data-tone': tone }, label)
