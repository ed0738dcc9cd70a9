/** A line chart with one line for each contender. */
export interface Chart {
  readonly title: string
  readonly x: {
    readonly label: string
    readonly ticks: readonly number[]
    readonly text: (x: number) => string
  }
  readonly y: { readonly label: string; readonly isLogarithmic?: boolean }
  readonly lines: readonly {
    readonly label: string
    readonly points: readonly (readonly [x: number, y: number])[]
  }[]
}

const WIDTH = 380
const HEIGHT = 220
const LEFT = 56
const RIGHT = 26
const TOP = 34
const BOTTOM = 62
const COLOURS = ['#c2410c', '#3b6fd4', '#5b6472', '#0f766e', '#9333ea']
const STYLE =
  'text{font:12px system-ui,sans-serif;fill:#5b6472}.title{font-weight:600;fill:#1d2430;font-size:13px}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#d8dde5;stroke-width:1}'

/** The position of a value between bottom (0) and top (1), and the values that get a grid line. */
interface Scale {
  readonly ticks: readonly number[]
  readonly place: (value: number) => number
}

/** A scale with at most five steps, each of 1, 2 or 5 times a power of ten. */
function linear(most: number): Scale {
  const power = 10 ** Math.floor(Math.log10(most / 5))
  const step = power * ([1, 2, 5, 10].find((factor) => most / (power * factor) <= 5) ?? 10)
  const steps = Math.ceil(most / step)
  return {
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
    place: (value) => value / (steps * step),
  }
}

function logarithmic(least: number, most: number): Scale {
  const from = Math.floor(Math.log10(least))
  const to = Math.ceil(Math.log10(most))
  return {
    ticks: Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)),
    place: (value) => (Math.log10(value) - from) / (to - from),
  }
}

function draw({ title, x, y, lines }: Chart, left: number): string {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value))
  const most = Math.max(...values)
  const scale = y.isLogarithmic ? logarithmic(Math.min(...values), most) : linear(most)
  const width = WIDTH - LEFT - RIGHT
  const across = (value: number) => left + LEFT + (value / Math.max(...x.ticks)) * width
  const up = (value: number) => TOP + HEIGHT * (1 - scale.place(value))
  const grid = scale.ticks.map(
    (value) =>
      `<path d="M${left + LEFT} ${up(value).toFixed(1)}h${width}" class="grid"/><text x="${left + LEFT - 6}" y="${(up(value) + 4).toFixed(1)}" class="end">${value.toLocaleString('en')}</text>`,
  )
  const ticks = x.ticks.map(
    (value) =>
      `<text x="${across(value).toFixed(1)}" y="${TOP + HEIGHT + 16}" class="middle">${x.text(value)}</text>`,
  )
  const curves = lines.map(({ points }, index) => {
    const colour = COLOURS[index % COLOURS.length]
    const places = points.map(([at, value]) => [across(at).toFixed(1), up(value).toFixed(1)] as const)
    const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`)
    return `<path d="M${places.map((place) => place.join(' ')).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`
  })
  return `<text x="${left + 12}" y="18" class="title">${title}, ${y.label}</text>${grid.join('')}${ticks.join('')}<text x="${left + LEFT + width / 2}" y="${TOP + HEIGHT + 34}" class="middle">${x.label}</text>${curves.join('')}`
}

/** Draws charts of the same contenders beside each other. */
export function drawCharts(charts: readonly Chart[]): string {
  const width = charts.length * WIDTH
  const height = TOP + HEIGHT + BOTTOM
  const legend = (charts[0]?.lines ?? []).map(
    ({ label }, index) =>
      `<rect x="${LEFT + index * 170}" y="${height - 16}" width="12" height="4" fill="${COLOURS[index % COLOURS.length]}"/><text x="${LEFT + index * 170 + 18}" y="${height - 10}">${label}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${charts.map(({ title }) => title).join('; ')}">
<style>${STYLE}</style>
<rect width="100%" height="100%" fill="#fff"/>
${charts.map((chart, index) => draw(chart, index * WIDTH)).join('\n')}
${legend.join('')}
</svg>
`
}
