import type { Stats } from '../../server/rooms.ts'
import { createChart, type Series } from '../chart.ts'
import type { Desk } from '../desk.ts'
import { drawn, element } from '../dom.ts'
import { createTile } from '../tile.ts'
import type { View } from './view.ts'

export interface Stage {
  readonly name: string
  readonly tone: 'one' | 'two' | 'three' | 'wait' | 'bad'
  readonly value: (stats: Stats) => number
}

/** Things that move through stages: how many are in each, their shares, and the last minute and a half. */
export function createStages(
  desk: Desk,
  unit: string,
  title: string,
  stages: readonly Stage[],
  shared: readonly Stage[],
): View {
  const log = desk.log('stats')
  const tiles = stages.map(({ name, tone, value }) => createTile({ title: name, unit, log, value, tone }))
  const parts = shared.map(({ tone }) => drawn('rect', { class: tone, y: 0, height: 10 }))
  const bar = drawn(
    'svg',
    { viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...parts,
  )
  const series: Series<Stats>[] = shared.map(({ name, tone, value }) => ({ name, tone, value }))
  const chart = createChart({ title, unit: '', log, series, hole: 3500, isTall: true })
  return {
    root: element(
      'div',
      { class: 'stack roomy' },
      element('div', { class: 'tiles' }, ...tiles.map(({ root }) => root)),
      element('div', { class: 'shares' }, bar as unknown as HTMLElement),
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
