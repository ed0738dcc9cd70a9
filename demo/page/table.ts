import { element, setText } from './dom.ts'

export interface Column {
  readonly head: string
  /** A CSS width. It is fixed, so that columns do not move when rows change. */
  readonly width?: string
}

export interface Row {
  /** What the row shows, as a text. As long as it stays, so do the row's elements: their focus, and a click that has begun. */
  readonly key: string
  readonly cells: () => readonly (string | Node)[]
  readonly mark?: string
}

const FOCUSED = ':focus-visible, :has(:focus-visible)'
/** On a touch screen, `:hover` stays where a finger was. */
const CAN_HOVER = matchMedia('(hover: hover)')

/** A table with a fixed number of rows; those without data are empty. */
export function createTable(caption: string, columns: readonly Column[], rows: number) {
  const body = element('tbody')
  const title = element('caption', {}, caption)
  const blank: Row = { key: '', cells: () => columns.map(() => '\u00a0') }
  let keys: readonly string[] = []
  const root = element(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      title,
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
  const rowElement = ({ cells, mark }: Row) =>
    element(
      'tr',
      mark === undefined ? {} : { 'data-mark': mark },
      ...cells().map((cell) => element('td', {}, cell)),
    )

  return {
    root,
    /** Whether somebody points at the table, or has moved the focus into it by keyboard. */
    isUsed: () => root.matches(CAN_HOVER.matches ? `:hover, ${FOCUSED}` : FOCUSED),
    note: (text: string) => setText(title, text === '' ? caption : `${caption} · ${text}`),
    set(some: readonly Row[]) {
      const padded = [...some.slice(0, rows), ...Array<Row>(Math.max(0, rows - some.length)).fill(blank)]
      for (const [index, row] of padded.entries()) {
        if (row.key === keys[index]) continue
        const shown = body.children[index]
        if (shown) shown.replaceWith(rowElement(row))
        else body.append(rowElement(row))
      }
      keys = padded.map(({ key }) => key)
    },
  }
}

/** A label in a coloured frame. */
export const chip = (label: string, tone: string): HTMLElement =>
  element('span', { class: 'chip', 'data-tone': tone }, label)
