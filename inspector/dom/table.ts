import { arrange, element, say, set } from './dom'

export interface Cell {
  readonly text: string
  /** A quieter second line. */
  readonly note?: string
  /** A mark before the text: `good`, `wait`, `stale`, `bad`. */
  readonly tone?: string
}
export interface Row {
  /** What stays the same while the row does. */
  readonly key: string
  /** One for each column; the first is the row's header. */
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
  const text = element('span')
  const note = element('small')
  const root = element(tag, { class: kind, ...(tag === 'th' && { scope: 'row' }) }, text)
  return {
    root,
    update(cell: string | Cell) {
      const { text: words, note: more, tone }: Cell = typeof cell === 'string' ? { text: cell } : cell
      say(text, words)
      set(root, 'data-tone', tone)
      say(note, more ?? '')
      if (more === undefined) note.remove()
      else root.append(note)
    },
  }
}

/** A table whose rows keep their identity while their figures change. */
export function createTable(caption: string, columns: readonly Column[], nothing: string, name = ''): Table {
  const body = element('tbody')
  const heads = columns.map(({ label, kind }) => element('th', { scope: 'col', class: kind }, label))
  const table = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    body,
  )
  const root = element('div', { class: `table ${name}` }, table)
  const empty = element('tr', { class: 'empty' }, element('td', { colspan: String(columns.length) }, nothing))
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
      arrange(body, shown.length > 0 ? shown : [empty])
      reach(root, caption)
    },
  }
}

/** What scrolls has to be within reach of the keyboard, and what does not is no stop on the way. */
function reach(root: HTMLElement, label: string) {
  const scrolls = root.scrollHeight > root.clientHeight + 1
  set(root, 'tabindex', scrolls ? '0' : undefined)
  set(root, 'role', scrolls ? 'group' : undefined)
  set(root, 'aria-label', scrolls ? label : undefined)
}
