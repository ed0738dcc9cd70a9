import type { Figure, Rate, Spread } from '../figures'
import type { Results } from '../results'
import { targetsOf } from './targets'
import { viewOf } from './view'

const digits = (value: number): string => {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2).replace(/\.0+$/, '')
}

const cell = (spread: Spread | undefined): string => {
  if (!spread) return '–'
  const { median, least, most, rounds } = spread
  return rounds === 1 || digits(least) === digits(most)
    ? digits(median)
    : `**${digits(median)}** (${digits(least)}–${digits(most)})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  )
}

const megabytes = (bytes: number) => (Number.isNaN(bytes) ? '–' : (bytes / 1e6).toFixed(1))
const kilobytes = (bytes: number | undefined) => (bytes === undefined ? '–' : (bytes / 1000).toFixed(1))

/** Returns all tables as Markdown. */
export function tables(results: Results): string {
  const view = viewOf(results)
  const { entries, usual, tabs, spread, tabMemory } = view

  const byContender = (columns: readonly (readonly [head: string, figure: Figure])[], count = usual) => {
    const rows = entries
      .map(({ name, label }) => [label, columns.map(([, figure]) => spread(name, figure, count))] as const)
      .filter(([, spreads]) => spreads.some((each) => each))
    if (rows.length === 0) return 'Not measured in this run.'
    return table(
      ['', ...columns.map(([head]) => head)],
      rows.map(([label, spreads]) => [label, ...spreads.map(cell)]),
    )
  }

  const drains = (count: number) =>
    byContender(
      [
        ['5,000 of 300 B: drain', 'drain small'],
        ['CPU', 'drain-cpu small'],
        ['500 of 10 kB: drain', 'drain big'],
        ['CPU', 'drain-cpu big'],
      ],
      count,
    )

  const flows = (rate: Rate, count = usual) =>
    byContender(
      [
        [`${rate}/s: p50`, `p50 ${rate}`],
        ['p99', `p99 ${rate}`],
        ['browser CPU per s', `cpu ${rate}`],
        ['server CPU per s', `server-cpu ${rate}`],
      ],
      count,
    )

  const targets = targetsOf(results)
  const reached = targets.filter(({ isReached }) => isReached).length
  return `### Targets: Partyline against a socket per tab, ${usual} tabs

${reached} of ${targets.length} reached.

${table(
  ['figure', 'wanted', 'measured', 'reached'],
  targets.map(({ figure, wanted, got, isReached }) => [figure, wanted, got, isReached ? 'yes' : '**no**']),
)}

### Bursts, ${usual} tabs (ms)

${drains(usual)}

### Streams of 300 B events, ${usual} tabs (ms)

${flows(50)}

${flows(500)}

### At the server, ${usual} tabs

${byContender([
  ['sockets', 'sockets'],
  ['handshakes', 'handshakes'],
  ['joins', 'joins'],
  ['bytes per event of 300 B', 'bytes small'],
  ['of 10 kB', 'bytes big'],
])}

### A tab

${table(
  [
    '',
    'JS, kB',
    'gzip, kB',
    'MB per additional tab',
    'first event in a new tab, ms',
    'live after a restart, ms',
  ],
  entries.map(({ name, label }) => [
    label,
    kilobytes(results.weights[name]?.js),
    kilobytes(results.weights[name]?.gzip),
    megabytes(tabMemory(name)),
    cell(spread(name, 'first')),
    cell(spread(name, 'restart')),
  ]),
)}

### The first tab blocked for 5 s: p99 of the others at 100/s (ms)

${byContender([
  ['before', 'calm'],
  ['meanwhile', 'blocked'],
])}
${tabs
  .filter((count) => count !== usual)
  .map(
    (count) => `
### ${count} ${count === 1 ? 'tab' : 'tabs'} (ms)

${drains(count)}
${count === 1 ? `\n${flows(50, 1)}\n\n${flows(500, 1)}\n` : ''}`,
  )
  .join('')}`
}
