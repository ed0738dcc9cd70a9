/** A line per contender over what was varied. */
export interface Chart {
  readonly title: string
  readonly x: {
    readonly label: string
    readonly ticks: readonly number[]
    readonly text: (x: number) => string
  }
  readonly y: string
  readonly lines: readonly {
    readonly label: string
    readonly points: readonly (readonly [x: number, y: number])[]
  }[]
}

const WIDTH = 380
const HEIGHT = 220
const LEFT = 56
const RIGHT = 14
const TOP = 34
const BOTTOM = 62
const COLOURS = ['#c2410c', '#3b6fd4', '#5b6472', '#0f766e', '#9333ea']
const STYLE =
  'text{font:12px system-ui,sans-serif;fill:#5b6472}.title{font-weight:600;fill:#1d2430;font-size:13px}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#d8dde5;stroke-width:1}'

/** The least of 1, 2 and 5 times a power of ten that gives at most five steps. */
function stepFor(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 5))
  return power * ([1, 2, 5, 10].find((factor) => most / (power * factor) <= 5) ?? 10)
}

function draw({ title, x, y, lines }: Chart, left: number): string {
  const most = Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value)))
  const step = stepFor(most)
  const top = Math.ceil(most / step) * step
  const width = WIDTH - LEFT - RIGHT
  // Ticks stand apart evenly: what is varied grows by factors.
  const across = (value: number) =>
    left + LEFT + (x.ticks.indexOf(value) / Math.max(1, x.ticks.length - 1)) * width
  const up = (value: number) => TOP + HEIGHT - (value / top) * HEIGHT
  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => {
    const value = index * step
    return `<path d="M${left + LEFT} ${up(value).toFixed(1)}h${width}" class="grid"/><text x="${left + LEFT - 6}" y="${(up(value) + 4).toFixed(1)}" class="end">${value.toLocaleString('en')}</text>`
  })
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
  return `<text x="${left + 12}" y="18" class="title">${title}, ${y}</text>${grid.join('')}${ticks.join('')}<text x="${left + LEFT + width / 2}" y="${TOP + HEIGHT + 34}" class="middle">${x.label}</text>${curves.join('')}`
}

/** Draws charts of the same contenders side by side. */
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
