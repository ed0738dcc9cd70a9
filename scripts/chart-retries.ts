import { mkdirSync, writeFileSync } from 'node:fs'
import { arrivals, SLOT, seeded } from '../test/support/fleet'
import { backoff, type RetryPolicy, steady } from '../worker/link/retry'

/** Draws docs/retries.svg: 1,000 browsers lose one server at once, and the chart shows when their retries arrive. */

const SECONDS = 40
const WIDTH = 760
const HEIGHT = 150
const LEFT = 48

function panel(title: string, policy: () => RetryPolicy, top: number): string {
  const total = new Map<number, number>()
  for (const round of arrivals(1000, 60, policy)) {
    for (const [slot, count] of round) total.set(slot, (total.get(slot) ?? 0) + count)
  }
  const slots = (SECONDS * 1000) / SLOT
  const most = 320
  const width = (WIDTH - LEFT - 12) / slots
  const bars = Array.from({ length: slots }, (_, slot) => {
    const height = ((total.get(slot) ?? 0) / most) * HEIGHT
    const x = (LEFT + slot * width).toFixed(1)
    return `<rect x="${x}" y="${(top + HEIGHT - height).toFixed(1)}" width="${(width - 0.6).toFixed(1)}" height="${height.toFixed(1)}"/>`
  })
  const lines = [0, 100, 200, 300].map((count) => {
    const y = top + HEIGHT - (count / most) * HEIGHT
    return `<path d="M${LEFT} ${y}H${WIDTH - 12}" class="grid"/><text x="${LEFT - 6}" y="${y + 4}" class="end">${count}</text>`
  })
  const ticks = [0, 10, 20, 30, 40].map(
    (second) =>
      `<text x="${LEFT + (second * 1000 * width) / SLOT}" y="${top + HEIGHT + 16}" class="middle">${second} s</text>`,
  )
  return `<text x="${LEFT}" y="${top - 10}" class="title">${title}</text>${lines.join('')}<g fill="#3b6fd4">${bars.join('')}</g>${ticks.join('')}`
}

const random = seeded(7)
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${2 * HEIGHT + 130}" role="img" aria-label="Arrivals of retries per ${SLOT} ms">
<style>text{font:12px system-ui,sans-serif;fill:#5b6472}.title{font-weight:600;fill:#1d2430;font-size:13px}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#d8dde5;stroke-width:1}</style>
<rect width="100%" height="100%" fill="#fff"/>
${panel(`The default: arrivals per ${SLOT} ms of 1,000 browsers that lose one server at once`, () => steady({}, random), 40)}
${panel('backoff()', () => backoff({}, random), HEIGHT + 100)}
</svg>
`
mkdirSync('docs', { recursive: true })
writeFileSync('docs/retries.svg', svg)
console.log('docs/retries.svg')
