import { drawn, element, write } from './dom.ts'
import type { Hole, Item, Log } from './log.ts'

export interface Series<Kind extends Item> {
  readonly name: string
  readonly tone: 'one' | 'two' | 'three' | 'wait' | 'bad'
  readonly value: (item: Kind) => number
}

export interface ChartParts<Kind extends Item> {
  readonly title: string
  readonly unit: string
  readonly log: Log<Kind>
  readonly series: readonly Series<Kind>[]
  /** ms without an event that count as a hole. */
  readonly hole: number
  readonly isTall?: boolean
}

/** How much time a chart shows. */
export const WINDOW = 90_000
const WIDTH = 600
const HEIGHT = 160

/** A round number that is not below. */
function roof(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return ([1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= value) ?? 10) * unit
}

interface Stretch {
  readonly at: number
  readonly values: readonly number[]
}

/** Runs of events without a hole in between. */
function runs<Kind extends Item>(
  items: readonly Kind[],
  series: readonly Series<Kind>[],
  hole: number,
): Stretch[][] {
  const made: Stretch[][] = []
  let last = Number.NEGATIVE_INFINITY
  for (const item of items) {
    if (item.at - last > hole) made.push([])
    made.at(-1)?.push({ at: item.at, values: series.map(({ value }) => value(item)) })
    last = item.at
  }
  return made
}

/** A chart of the last minute and a half. Where nothing came it is hatched, until it was filled. */
export function createChart<Kind extends Item>({ title, unit, log, series, hole, isTall }: ChartParts<Kind>) {
  const areas = series.map(({ tone }) => drawn('path', { class: `area ${tone}` }))
  const lines = series.map(({ tone }) => drawn('path', { class: `line ${tone}` }))
  const holes = drawn('g', { class: 'holes' })
  const filled = drawn('g', { class: 'filled' })
  const grid = [0.25, 0.5, 0.75].map((part) =>
    drawn('path', { class: 'grid', d: `M0 ${HEIGHT * part}H${WIDTH}` }),
  )
  const svg = drawn(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...grid,
    filled,
    ...areas,
    ...lines,
    holes,
  )
  const top = element('span', { class: 'roof' })
  const middle = element('span', { class: 'half' })
  const values = series.map(() => element('b', {}, '–'))
  const legend = element(
    'ul',
    { class: 'legend' },
    ...series.map(({ name, tone }, index) =>
      element('li', { class: tone }, name, ' ', values[index] ?? '', ` ${unit}`),
    ),
  )
  const root = element(
    'figure',
    { class: isTall ? 'chart tall' : 'chart' },
    element('figcaption', {}, element('span', {}, title), legend),
    element('div', { class: 'plot' }, svg, top, middle),
    element(
      'p',
      { class: 'axis', 'aria-hidden': 'true' },
      element('span', {}, '90 s ago'),
      element('span', {}, 'now'),
    ),
  )

  function band(from: number, to: number, x: (at: number) => number) {
    const left = Math.max(0, x(from))
    return drawn('rect', {
      x: left.toFixed(1),
      y: 0,
      width: Math.max(0, Math.min(WIDTH, x(to)) - left).toFixed(1),
      height: HEIGHT,
    })
  }

  return {
    root,
    render(now: number) {
      const from = now - WINDOW
      const items = log.items.filter(({ at }) => at >= from - hole)
      const stretches = runs(items, series, hole)
      const most = roof(Math.max(...stretches.flatMap((run) => run.flatMap(({ values: each }) => each)), 1))
      const x = (at: number) => ((at - from) / WINDOW) * WIDTH
      const y = (value: number) => HEIGHT - 2 - (value / most) * (HEIGHT - 8)
      for (const [index, line] of lines.entries()) {
        const paths = stretches.map((run) =>
          run
            .map(({ at, values: each }) => `${x(at).toFixed(1)} ${y(each[index] ?? 0).toFixed(1)}`)
            .join('L'),
        )
        line.setAttribute('d', paths.map((path) => `M${path}`).join(''))
        areas[index]?.setAttribute(
          'd',
          stretches
            .map(
              (run, n) =>
                `M${x(run[0]?.at ?? 0).toFixed(1)} ${HEIGHT}L${paths[n]}L${x(run.at(-1)?.at ?? 0).toFixed(1)} ${HEIGHT}Z`,
            )
            .join(''),
        )
      }
      // Before the first event of all there is nothing to be missed.
      const silences = stretches
        .slice(1)
        .map((run, index) => [stretches[index]?.at(-1)?.at ?? from, run[0]?.at ?? from])
      const last = items.at(-1)?.at
      if (last !== undefined && now - last > hole) silences.push([last, now])
      holes.replaceChildren(...silences.map(([start = from, end = now]) => band(start, end, x)))
      const isShown = ({ to, filled: count }: Hole) => count !== undefined && to > from
      filled.replaceChildren(...log.holes.filter(isShown).map((each) => band(each.from, each.to, x)))
      write(top, most.toLocaleString('en-US'))
      write(middle, (most / 2).toLocaleString('en-US'))
      const latest = log.latest
      for (const [index, { value }] of series.entries()) {
        const into = values[index]
        if (into && latest) write(into, value(latest).toLocaleString('en-US'))
      }
    },
  }
}
