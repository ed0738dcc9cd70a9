import { WINDOW } from './chart.ts'
import { element, setText, svgElement } from './dom.ts'
import type { Item, Log } from './room-log.ts'

export interface TileParts<Kind extends Item> {
  readonly title: string
  readonly unit: string
  readonly log: Log<Kind>
  readonly value: (item: Kind) => number
  readonly tone?: 'one' | 'two' | 'three' | 'wait' | 'bad'
}

const WIDTH = 120
const HEIGHT = 30

/** A number, with a line chart of its last 90 s. */
export function createTile<Kind extends Item>({ title, unit, log, value, tone = 'one' }: TileParts<Kind>) {
  const number = element('b', {}, '–')
  const line = svgElement('path', { class: `line ${tone}` })
  const area = svgElement('path', { class: `area ${tone}` })
  const root = element(
    'div',
    { class: 'tile' },
    element('h2', {}, title),
    element('p', {}, number, element('span', {}, unit)),
    svgElement(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      area,
      line,
    ),
  )
  return {
    root,
    render(now: number) {
      const items = log.items.filter(({ at }) => at >= now - WINDOW)
      const latest = log.latest
      if (latest) setText(number, value(latest).toLocaleString('en-US'))
      const values = items.map(value)
      const least = Math.min(...values)
      const most = Math.max(...values, least + 1)
      const points = items.map((item) => {
        const x = ((item.at - now + WINDOW) / WINDOW) * WIDTH
        const y = HEIGHT - 3 - ((value(item) - least) / (most - least)) * (HEIGHT - 6)
        return `${x.toFixed(1)} ${y.toFixed(1)}`
      })
      line.setAttribute('d', points.length > 1 ? `M${points.join('L')}` : '')
      const [first = '0'] = (points[0] ?? '').split(' ')
      const [last = '0'] = (points.at(-1) ?? '').split(' ')
      area.setAttribute(
        'd',
        points.length > 1 ? `M${first} ${HEIGHT}L${points.join('L')}L${last} ${HEIGHT}Z` : '',
      )
    },
  }
}
