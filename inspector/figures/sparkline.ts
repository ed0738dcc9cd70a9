import { drawing, set } from '../dom/dom'

const WIDTH = 120
const HEIGHT = 32
/** So much stays free above and below, for the width of the stroke. */
const EDGE = 3

/** A small line of values that fills its place from the right. The figures beside it tell the same in words. */
export function createSparkline(most: number) {
  const line = drawing('path', { class: 'spark' })
  const area = drawing('path', { class: 'spark-area' })
  const end = drawing('path', { class: 'spark-end' })
  const root = drawing(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
      class: 'sparkline',
    },
    area,
    line,
    end,
  )
  return {
    root,
    update(values: readonly number[]) {
      const shown = values.slice(-most)
      // From nought, so that a flat line is flat and a high one is high.
      const highest = Math.max(...shown, 1)
      const points = shown.map((value, index) => {
        const x = WIDTH - ((shown.length - 1 - index) * WIDTH) / (most - 1)
        const y = HEIGHT - EDGE - (value / highest) * (HEIGHT - 2 * EDGE)
        return `${x.toFixed(1)} ${y.toFixed(1)}`
      })
      const [first, last] = [points[0], points.at(-1)]
      const path = points.length > 1 ? `M${points.join('L')}` : ''
      set(line, 'd', path)
      set(area, 'd', path && `${path}L${WIDTH} ${HEIGHT}L${first?.split(' ')[0]} ${HEIGHT}Z`)
      // A line of no length has a round end and no width: a dot that is not stretched with the picture.
      set(end, 'd', last === undefined ? '' : `M${last}h0`)
    },
  }
}
