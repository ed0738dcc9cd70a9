import { element, setText, svgElement } from './dom.ts'
import type { Item, Log, LogGap } from './room-log.ts'

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
  /** A longer time without events is drawn as missing, in ms. */
  readonly maxSilence: number
  readonly isTall?: boolean
}

/** How much time a chart shows, in ms. */
export const WINDOW = 90_000
const WIDTH = 600
const HEIGHT = 160

/** The next round number at or above `value`. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return ([1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= value) ?? 10) * unit
}

interface Point {
  readonly at: number
  readonly values: readonly number[]
}

/** Splits the events into runs: wherever none came for longer than `maxSilence`, a new run begins. */
function splitRuns<Kind extends Item>(
  items: readonly Kind[],
  series: readonly Series<Kind>[],
  maxSilence: number,
): Point[][] {
  const runs: Point[][] = []
  let last = Number.NEGATIVE_INFINITY
  for (const item of items) {
    if (item.at - last > maxSilence) runs.push([])
    runs.at(-1)?.push({ at: item.at, values: series.map(({ value }) => value(item)) })
    last = item.at
  }
  return runs
}

/** A chart of the last 90 s. Times without events are hatched until the missed events were fetched. */
export function createChart<Kind extends Item>({
  title,
  unit,
  log,
  series,
  maxSilence,
  isTall,
}: ChartParts<Kind>) {
  const areas = series.map(({ tone }) => svgElement('path', { class: `area ${tone}` }))
  const lines = series.map(({ tone }) => svgElement('path', { class: `line ${tone}` }))
  const missing = svgElement('g', { class: 'missing' })
  const filled = svgElement('g', { class: 'filled' })
  const grid = [0.25, 0.5, 0.75].map((part) =>
    svgElement('path', { class: 'grid', d: `M0 ${HEIGHT * part}H${WIDTH}` }),
  )
  const svg = svgElement(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...grid,
    filled,
    ...areas,
    ...lines,
    missing,
  )
  const top = element('span', { class: 'most' })
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
    return svgElement('rect', {
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
      const items = log.items.filter(({ at }) => at >= from - maxSilence)
      const runs = splitRuns(items, series, maxSilence)
      const most = roundUp(Math.max(...runs.flatMap((run) => run.flatMap(({ values: each }) => each)), 1))
      const x = (at: number) => ((at - from) / WINDOW) * WIDTH
      const y = (value: number) => HEIGHT - 2 - (value / most) * (HEIGHT - 8)
      for (const [index, line] of lines.entries()) {
        const paths = runs.map((run) =>
          run
            .map(({ at, values: each }) => `${x(at).toFixed(1)} ${y(each[index] ?? 0).toFixed(1)}`)
            .join('L'),
        )
        line.setAttribute('d', paths.map((path) => `M${path}`).join(''))
        areas[index]?.setAttribute(
          'd',
          runs
            .map(
              (run, n) =>
                `M${x(run[0]?.at ?? 0).toFixed(1)} ${HEIGHT}L${paths[n]}L${x(run.at(-1)?.at ?? 0).toFixed(1)} ${HEIGHT}Z`,
            )
            .join(''),
        )
      }
      // The time before the first event is not missing.
      const silences = runs
        .slice(1)
        .map((run, index) => [runs[index]?.at(-1)?.at ?? from, run[0]?.at ?? from])
      const last = items.at(-1)?.at
      if (last !== undefined && now - last > maxSilence) silences.push([last, now])
      missing.replaceChildren(...silences.map(([start = from, end = now]) => band(start, end, x)))
      const isShown = ({ to, filled: count }: LogGap) => count !== undefined && to > from
      filled.replaceChildren(...log.gaps.filter(isShown).map((each) => band(each.from, each.to, x)))
      setText(top, most.toLocaleString('en-US'))
      setText(middle, (most / 2).toLocaleString('en-US'))
      const latest = log.latest
      for (const [index, { value }] of series.entries()) {
        const into = values[index]
        if (into && latest) setText(into, value(latest).toLocaleString('en-US'))
      }
    },
  }
}
