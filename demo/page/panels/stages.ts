import type { Stats } from '../../server/rooms.ts'
import { createChart, type Series } from '../chart.ts'
import { element, svgElement } from '../dom.ts'
import type { RoomLogs } from '../room-logs.ts'
import { createTile } from '../tile.ts'
import type { View } from './view.ts'

export interface Stage {
  readonly name: string
  readonly tone: 'one' | 'two' | 'three' | 'wait' | 'bad'
  readonly value: (stats: Stats) => number
}

/** How many things are in each stage: as tiles, as shares of a bar, and as a chart of the last 90 s. */
export function createStages(
  logs: RoomLogs,
  unit: string,
  title: string,
  stages: readonly Stage[],
  shared: readonly Stage[],
): View {
  const log = logs.of('stats')
  const tiles = stages.map(({ name, tone, value }) => createTile({ title: name, unit, log, value, tone }))
  const parts = shared.map(({ tone }) => svgElement('rect', { class: tone, y: 0, height: 10 }))
  const bar = svgElement(
    'svg',
    { viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...parts,
  )
  const series: Series<Stats>[] = shared.map(({ name, tone, value }) => ({ name, tone, value }))
  const chart = createChart({ title, unit: '', log, series, maxSilence: 3500, isTall: true })
  return {
    root: element(
      'div',
      { class: 'stack roomy' },
      element('div', { class: 'tiles' }, ...tiles.map(({ root }) => root)),
      element('div', { class: 'shares' }, bar),
      chart.root,
    ),
    render(now) {
      for (const tile of tiles) tile.render(now)
      chart.render(now)
      const latest = log.latest
      if (!latest) return
      const values = shared.map(({ value }) => value(latest))
      const sum = Math.max(
        1,
        values.reduce((all, value) => all + value, 0),
      )
      let x = 0
      for (const [index, part] of parts.entries()) {
        const width = ((values[index] ?? 0) / sum) * 1000
        part.setAttribute('x', x.toFixed(1))
        part.setAttribute('width', Math.max(0, width - 6).toFixed(1))
        x += width
      }
    },
  }
}
