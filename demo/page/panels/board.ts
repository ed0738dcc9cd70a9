import { element } from '../dom.ts'
import type { createTable, Row } from '../table.ts'
import type { View } from './view.ts'

export interface BoardParts {
  readonly tiles: readonly View[]
  readonly chart: View
  readonly table: ReturnType<typeof createTable>
  /** The current rows of the table. */
  readonly rows: () => readonly Row[]
}

/** Tiles, a chart, and a table of the latest events, one below the other. */
export function createBoard({ tiles, chart, table, rows }: BoardParts): View {
  return {
    root: element(
      'div',
      { class: 'stack' },
      element('div', { class: 'tiles' }, ...tiles.map(({ root }) => root)),
      chart.root,
      table.root,
    ),
    render(now) {
      for (const tile of tiles) tile.render(now)
      chart.render(now)
      table.set(rows())
    },
  }
}
