import { DEDICATED, ELECTED, FLOOR, OVER_WEBSOCKET, PARTYLINE, RAW_TODAY, TODAY } from '../contenders'
import type { Figure } from '../figures'
import type { Results } from '../results'
import { type View, viewOf } from './view'

/** A target for Partyline, and whether it was reached. */
export interface Target {
  readonly figure: string
  readonly wanted: string
  readonly got: string
  readonly isReached: boolean
}

const times = (value: number) => `${value.toFixed(value < 0.1 ? 3 : 2)} ×`

/** The names of figures in the table of targets. */
const NAMES: Partial<Record<Figure, string>> = {
  'drain small': 'drain of a burst, 300 B',
  'drain big': 'drain of a burst, 10 kB',
  'drain-cpu small': 'browser CPU of a burst, 300 B',
  'drain-cpu big': 'browser CPU of a burst, 10 kB',
  'host-cpu small': 'CPU of the renderer with the connection, 300 B',
  'host-cpu big': 'CPU of the renderer with the connection, 10 kB',
  'bytes small': 'bytes per event',
  'p50 50': 'one-way latency at 50/s, p50',
  'p99 50': 'one-way latency at 50/s, p99',
  'p99 500': 'at 500/s: p99',
  'cpu 500': 'at 500/s: browser CPU',
  'server-cpu 500': 'server CPU at 500/s',
  first: 'first data in a new tab',
  restart: 'all tabs live after a server restart',
}
const nameOf = (figure: Figure): string => NAMES[figure] ?? figure

const atMost = (figure: string, most: number, got: number): Target => ({
  figure,
  wanted: `${times(most)} or less`,
  got: times(got),
  // Rounded to two digits, as the target is stated. More digits do not repeat between runs.
  isReached: Math.round(got * 100) <= Math.round(most * 100),
})

const faster = (figure: string, least: number, got: number): Target => ({
  figure,
  wanted: `${least} × faster`,
  got: `${got.toFixed(1)} × faster`,
  isReached: got >= least,
})

/** p99 latency at 100 events per second varies by this factor between two measurements of the same tabs. */
const NOISE = 1.25
/** The cost per tab varies by this factor when the number of tabs doubles. */
const GROWTH = 1.1

const BURST_COSTS: readonly Figure[] = ['drain small', 'drain-cpu small', 'drain big', 'drain-cpu big']

function againstToday(
  { median, tabMemory, usual, tabs }: View,
  weights: Results['weights'],
  ours: string,
  today: string,
): Target[] {
  const ratio = (figure: Figure, count = usual) => median(ours, figure, count) / median(today, figure, count)
  const weight = (name: string) => weights[name]?.js ?? Number.NaN
  const least = (figure: Figure, value: number) => faster(nameOf(figure), value, 1 / ratio(figure))
  const most = (figure: Figure, value: number) => atMost(nameOf(figure), value, ratio(figure))
  const share = (figure: Figure): Target => ({
    ...atMost(`server: ${nameOf(figure)}`, 1 / usual, ratio(figure)),
    // With a tolerance of 1 %, because it includes the socket's own keepalives.
    isReached: ratio(figure) <= 1.01 / usual,
  })
  const alone = (figure: Figure) => atMost(`1 tab alone: ${nameOf(figure)}`, 1.25, ratio(figure, 1))
  const p50 = median(ours, 'p50 500')
  return [
    least('drain small', 10),
    least('drain big', 1.9),
    most('drain-cpu small', 0.1),
    most('drain-cpu big', 0.5),
    most('p50 50', 1),
    most('p99 50', 1),
    { figure: 'at 500/s: p50', wanted: 'under 6 ms', got: `${p50.toFixed(1)} ms`, isReached: p50 < 6 },
    most('p99 500', 1),
    most('cpu 500', 0.5),
    share('sockets'),
    share('handshakes'),
    share('joins'),
    share('bytes small'),
    most('server-cpu 500', 0.6),
    most('first', 0.7),
    most('restart', 0.8),
    atMost('JS loaded and parsed by a tab', 0.3, weight(ours) / weight(today)),
    atMost('memory (PSS) per additional tab', 1, tabMemory(ours) / tabMemory(today)),
    ...(tabs.includes(1) && usual > 1
      ? (['p50 50', 'p99 50', 'cpu 500', ...BURST_COSTS] as const).map(alone)
      : []),
  ]
}

const againstFloor = ({ median }: View, ours: string): Target[] =>
  BURST_COSTS.map((figure) =>
    atMost(`against the raw floor: ${nameOf(figure)}`, 1.25, median(ours, figure) / median(FLOOR, figure)),
  )

function againstItself({ median, usual, tabs }: View): Target[] {
  const blocked = atMost(
    'first tab blocked for 5 s: p99 of the others',
    NOISE,
    median(PARTYLINE, 'blocked') / median(PARTYLINE, 'calm'),
  )
  const most = tabs.at(-1) ?? usual
  const growth = (['drain small', 'drain-cpu small'] as const).map((figure) =>
    atMost(
      `${most} tabs against ${usual}, per tab: ${nameOf(figure)}`,
      GROWTH,
      median(PARTYLINE, figure, most) / most / (median(PARTYLINE, figure) / usual),
    ),
  )
  return [blocked, ...(most > usual ? growth : [])]
}

/** One tab's worker with the connection, against a tab with the connection and against a shared worker. */
function withoutSharedWorker({ median }: View): Target[] {
  const ratio = (figure: Figure, other: string) => median(DEDICATED, figure) / median(other, figure)
  return [
    ...ELECTED.map((other) =>
      faster(`${nameOf('drain small')}, against ${other}`, 4, 1 / ratio('drain small', other)),
    ),
    ...(['host-cpu small', 'host-cpu big'] as const).map((figure) =>
      atMost(`${nameOf(figure)}, against a SharedWorker`, 1.5, ratio(figure, PARTYLINE)),
    ),
  ].map((target) => ({ ...target, figure: `no SharedWorker: ${target.figure}` }))
}

/** Compares the results with the targets. Returns only the targets that were measured. */
export function targetsOf(results: Results): Target[] {
  const view = viewOf(results)
  const { weights } = results
  const overWebSocket = [
    // Without weights: a page needs no script for a plain WebSocket.
    ...againstToday(view, {}, OVER_WEBSOCKET, RAW_TODAY),
    ...againstFloor(view, OVER_WEBSOCKET),
  ].map((target) => ({ ...target, figure: `plain WebSocket: ${target.figure}` }))
  return [
    ...againstToday(view, weights, PARTYLINE, TODAY),
    ...againstFloor(view, PARTYLINE),
    ...againstItself(view),
    ...withoutSharedWorker(view),
    ...overWebSocket,
  ].filter(({ got }) => !got.startsWith('NaN'))
}
