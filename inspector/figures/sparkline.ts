import { setAttribute, svgElement } from '../dom/elements'

const WIDTH = 120
const HEIGHT = 32
/** Space above and below the line, so that its stroke is not cut off. */
const MARGIN = 3

/** A small line chart of the last `capacity` values, drawn from the right edge. Hidden from screen readers. */
export function createSparkline(capacity: number) {
  const line = svgElement('path', { class: 'spark' })
  const area = svgElement('path', { class: 'spark-area' })
  const end = svgElement('path', { class: 'spark-end' })
  const root = svgElement(
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
      const shown = values.slice(-capacity)
      // The scale starts at 0, so that small changes of large values do not look large.
      const highest = Math.max(...shown, 1)
      const points = shown.map((value, index) => {
        const x = WIDTH - ((shown.length - 1 - index) * WIDTH) / (capacity - 1)
        const y = HEIGHT - MARGIN - (value / highest) * (HEIGHT - 2 * MARGIN)
        return `${x.toFixed(1)} ${y.toFixed(1)}`
      })
      const [first, last] = [points[0], points.at(-1)]
      const path = points.length > 1 ? `M${points.join('L')}` : ''
      setAttribute(line, 'd', path)
      setAttribute(area, 'd', path && `${path}L${WIDTH} ${HEIGHT}L${first?.split(' ')[0]} ${HEIGHT}Z`)
      // The round cap of a line without length is a dot that does not get distorted with the picture.
      setAttribute(end, 'd', last === undefined ? '' : `M${last}h0`)
    },
  }
}
