import { element, setAttribute, setChildren, setText } from './elements'

export interface Cell {
  readonly text: string
  /** Further lines in a muted colour. */
  readonly notes?: readonly string[]
  /** The colour of the dot before the text: `good`, `wait`, `stale`, `bad`. Without one there is no dot. */
  readonly tone?: string
}
export interface Row {
  /** Identifies the row from one update to the next. */
  readonly key: string
  /** One per column; the first is the row's header. */
  readonly cells: readonly (string | Cell)[]
}
export interface Column {
  readonly label: string
  readonly kind: 'text' | 'name' | 'number'
}

export interface Table {
  readonly root: HTMLElement
  update(rows: readonly Row[]): void
}

function createCell(tag: 'th' | 'td', { kind }: Column) {
  const main = element('span')
  const lines: Element[] = []
  const root = element(tag, { class: kind, ...(tag === 'th' && { scope: 'row' }) }, main)
  return {
    root,
    update(cell: string | Cell) {
      const { text, notes = [], tone }: Cell = typeof cell === 'string' ? { text: cell } : cell
      setText(main, text)
      setAttribute(root, 'data-tone', tone)
      while (lines.length < notes.length) lines.push(element('small'))
      notes.forEach((note, index) => {
        setText(lines[index] as Element, note)
      })
      setChildren(root, [main, ...lines.slice(0, notes.length)])
    },
  }
}

/** A table that keeps the elements of a row while its cells change. It shows `emptyText` if there are no rows. */
export function createTable(
  caption: string,
  columns: readonly Column[],
  emptyText: string,
  className = '',
): Table {
  const body = element('tbody')
  const heads = columns.map(({ label, kind }) => element('th', { scope: 'col', class: kind }, label))
  const table = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    body,
  )
  const root = element('div', { class: `table ${className}` }, table)
  const empty = element(
    'tr',
    { class: 'empty' },
    element('td', { colspan: String(columns.length) }, emptyText),
  )
  const rows = new Map<string, { readonly root: HTMLElement; update(cells: Row['cells']): void }>()

  function createRow() {
    const cells = columns.map((column, index) => createCell(index === 0 ? 'th' : 'td', column))
    return {
      root: element('tr', {}, ...cells.map((cell) => cell.root)),
      update(values: Row['cells']) {
        cells.forEach((cell, index) => {
          cell.update(values[index] ?? '')
        })
      },
    }
  }

  return {
    root,
    update(next) {
      const keys = new Set(next.map(({ key }) => key))
      for (const key of rows.keys()) if (!keys.has(key)) rows.delete(key)
      const shown = next.map(({ key, cells }) => {
        const row = rows.get(key) ?? createRow()
        rows.set(key, row)
        row.update(cells)
        return row.root
      })
      setChildren(body, shown.length > 0 ? shown : [empty])
      updateTabStop(root, caption)
    },
  }
}

/** A table is a tab stop only while it scrolls, so that it can be scrolled by keyboard. */
function updateTabStop(root: HTMLElement, label: string) {
  const scrolls = root.scrollHeight > root.clientHeight + 1
  setAttribute(root, 'tabindex', scrolls ? '0' : undefined)
  setAttribute(root, 'role', scrolls ? 'group' : undefined)
  setAttribute(root, 'aria-label', scrolls ? label : undefined)
}
