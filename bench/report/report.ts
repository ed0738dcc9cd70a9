import { mkdirSync, writeFileSync } from 'node:fs'
import { BURSTS, type Figure, RATES, SIZES } from '../figures'
import type { Results } from '../results'
import { type Chart, drawCharts } from './chart'
import { tables } from './tables'
import { viewOf } from './view'

const FOLDER = 'docs/benchmarks'

function chartsOf(results: Results): Record<string, readonly Chart[]> {
  const { entries, tabs, usual, median } = viewOf(results)
  const main = entries.filter(({ isMain }) => isMain)
  type Point = readonly [number, number]
  const lines = (points: (contender: string) => readonly Point[]) =>
    main.map(({ name, label }) => ({
      label,
      points: points(name).filter(([, value]) => !Number.isNaN(value)),
    }))
  const overTabs = (title: string, figure: Figure): Chart => ({
    title,
    y: { label: 'ms' },
    x: { label: 'tabs', ticks: tabs, text: String },
    lines: lines((name) => tabs.map((count) => [count, median(name, figure, count)])),
  })
  const overRates = (title: string, kind: 'cpu' | 'p50', y: Chart['y']): Chart => ({
    title,
    y,
    x: { label: `events a second, ${usual} tabs`, ticks: RATES, text: String },
    lines: lines((name) => RATES.map((rate) => [rate, median(name, `${kind} ${rate}`)])),
  })
  const bytes = SIZES.map((size) => BURSTS[size].bytes)
  const overSizes = (title: string, kind: 'drain' | 'drain-cpu'): Chart => ({
    title,
    y: { label: 'ms per 100 events' },
    x: { label: `bytes of an event, ${usual} tabs`, ticks: bytes, text: (size) => size.toLocaleString('en') },
    lines: lines((name) =>
      SIZES.map((size) => [BURSTS[size].bytes, (median(name, `${kind} ${size}`) * 100) / BURSTS[size].count]),
    ),
  })
  return {
    tabs: [
      overTabs('Drain of 5,000 events of 300 B', 'drain small'),
      overTabs('Browser CPU for it', 'drain-cpu small'),
    ],
    rate: [
      overRates('Browser CPU', 'cpu', { label: 'ms per second' }),
      overRates('One-way latency, median', 'p50', { label: 'ms', isLogarithmic: true }),
    ],
    size: [overSizes('Drain of a burst', 'drain'), overSizes('Browser CPU for it', 'drain-cpu')],
  }
}

const about = ({ startedAt, minutes, versions, machine, quiet, failures }: Results) => `# Benchmarks

\`npm run bench\` on ${startedAt.slice(0, 10)}, ${minutes.toFixed(1)} minutes. ${machine}.
${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}.

${quiet.warnings.length === 0 ? 'The machine was quiet' : `**Not to be trusted**: ${quiet.warnings.join('; ')}`}
(others kept ${(quiet.busy * 100).toFixed(0)} % of the processors busy, at most ${(quiet.busiest * 100).toFixed(0)} %; a fixed piece of work wobbled by ${(quiet.wobble * 100).toFixed(0)} %).
${
  failures.length === 0
    ? 'In every run every tab got every event, in order, once.'
    : `**Failures**:\n\n${failures.map((what) => `- ${what}`).join('\n')}`
}`

/** Writes `docs/benchmarks.md` and its charts. */
export function writeReport(results: Results): void {
  const { entries, usual } = viewOf(results)
  mkdirSync(FOLDER, { recursive: true })
  for (const [name, charts] of Object.entries(chartsOf(results))) {
    writeFileSync(`${FOLDER}/${name}.svg`, drawCharts(charts))
  }
  const page = `${about(results)}

Ratios are worth more than times: everything is measured in one run on one machine, contenders taking turns in an order
drawn anew in each round. A cell is the **median** (least–most) of its rounds; one without a spread was measured once.

${entries.map(({ label, about }) => `- **${label}**: ${about}`).join('\n')}

## Against the number of tabs

![Cost against the number of tabs](benchmarks/tabs.svg)

## Against the rate of events

![Cost against the rate of events](benchmarks/rate.svg)

## Against the size of an event

![Cost against the size of an event](benchmarks/size.svg)

## Figures

${tables(results)}
## How it is measured

- Chromium with real pages, headless, not throttled in the background; the server is a process of its own that also serves the pages,
  over loopback. Everything is built and minified as an app would.
- **Drain**: from the first event of the burst leaving the server to the last event handled by the last of ${usual} tabs.
- **Latency**: from the server's send to the tab's listener, both by the machine's clock, over all events of all tabs.
- **CPU** of the browser: all its processes, from \`/proc\`; of the server: its own account.
- **Bytes** are counted at the server's network sockets, everything included.
- **Memory** is the proportional set size of all the browser's processes.
- **First event in a new tab**: from the start of its navigation, while 50 events a second come. The server sends who joins the room's last
  event, as a dashboard would fetch it; Partyline replays the one it kept.
- **Live after a restart**: the server is away for 500 to 1000 ms; timed from its listening again to the last tab's first event. All
  contenders retry after 250 to 750 ms, drawn anew for each attempt. \`socketio-shared-webworker\` cannot be told so, and is left out.
- **Blocked**: the first tab, which started the worker or leads the others, waits 5 s in a synchronous request.
- Those that are not a socket per tab, Partyline or the floor are measured once, at ${usual} tabs.
`
  writeFileSync('docs/benchmarks.md', page)
}
