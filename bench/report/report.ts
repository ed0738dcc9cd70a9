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

${quiet.warnings.length === 0 ? 'The machine was otherwise idle' : `**Do not trust these figures**: ${quiet.warnings.join('; ')}`}
(between measurements other programs used ${(quiet.busy * 100).toFixed(0)} % of the processors, at most ${(quiet.busiest * 100).toFixed(0)} %; the time of a fixed piece of work varied by ${(quiet.variation * 100).toFixed(0)} %).
${
  failures.length === 0
    ? 'In every run, every tab received every event once and in order.'
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

Ratios say more than times: everything is measured in one run on one machine, and the contenders take turns in a new random
order in each round. A cell has the **median** (minimum–maximum) of its rounds; one without a range was measured once.

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

- Headless Chromium with real pages that are not throttled in the background. The server is a separate process, which also
  serves the pages over loopback. Everything is built and minified as in an app.
- **Drain**: from the server sending the first event of the burst until the last of ${usual} tabs has handled the last event.
- **Latency**: from the server's send to the tab's listener, both measured with the machine's clock, over all events of all tabs.
- **CPU** of the browser: all its processes, from \`/proc\`; of the server: as its process reports it.
- **Bytes** are counted at the server's network sockets, including headers and handshakes.
- **Memory** is the proportional set size of all the browser's processes.
- **First event in a new tab**: from the start of its navigation, while 50 events come per second. On a join the server sends
  the room's last event, in place of a dashboard's fetch; Partyline replays its last value.
- **Live after a restart**: the server is down for 500 to 1000 ms; measured from when it listens again until the last tab's
  first event. All contenders retry after a random 250 to 750 ms. \`socketio-shared-webworker\` has no such option, and is left out.
- **Blocked**: the first tab, which started the worker or is the leader, waits 5 s in a synchronous request.
- All contenders but a socket per tab, Partyline and the floor are measured once, with ${usual} tabs.
`
  writeFileSync('docs/benchmarks.md', page)
}
