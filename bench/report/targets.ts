import { FLOOR, PARTYLINE, TODAY } from '../contenders'
import { type Figure, SIZES, type Size } from '../figures'
import type { Results } from '../results'
import { type View, viewOf } from './view'

/** What Partyline has to reach, and whether it did. */
export interface Target {
  readonly figure: string
  readonly wanted: string
  readonly got: string
  readonly isReached: boolean
}

const times = (value: number) => `${value.toFixed(value < 0.1 ? 3 : 2)} ×`

const atMost = (figure: string, most: number, got: number): Target => ({
  figure,
  wanted: `${times(most)} or less`,
  got: times(got),
  // Two digits are what is promised, and more than what repeats.
  isReached: Math.round(got * 100) <= Math.round(most * 100),
})

const faster = (figure: string, least: number, got: number): Target => ({
  figure,
  wanted: `${least} × faster`,
  got: `${got.toFixed(1)} × faster`,
  isReached: got >= least,
})

/** p99 of a hundred events a second wobbles by so much between two looks at the same tabs. */
const NOISE = 1.25
/** The cost per tab of twice the tabs wobbles by so much. */
const GROWTH = 1.1

function againstToday({ median, tabMemory, usual, tabs }: View, weights: Results['weights']): Target[] {
  const ratio = (figure: Figure, count = usual) =>
    median(PARTYLINE, figure, count) / median(TODAY, figure, count)
  const weight = (name: string) => weights[name]?.js ?? Number.NaN
  const share = (figure: Figure) => ({
    ...atMost(`server: ${figure}`, 1 / usual, ratio(figure)),
    // To the percent: the last socket's own keepalives are in it.
    isReached: ratio(figure) <= 1.01 / usual,
  })
  const p50 = median(PARTYLINE, 'p50 500')
  return [
    faster('drain of a burst, 300 B', 10, 1 / ratio('drain small')),
    faster('drain of a burst, 10 kB', 1.9, 1 / ratio('drain big')),
    atMost('browser CPU for it, 300 B', 0.1, ratio('drain-cpu small')),
    atMost('browser CPU for it, 10 kB', 0.5, ratio('drain-cpu big')),
    atMost('one-way latency at 50/s, p50', 1, ratio('p50 50')),
    atMost('one-way latency at 50/s, p99', 1, ratio('p99 50')),
    { figure: 'at 500/s: p50', wanted: 'under 6 ms', got: `${p50.toFixed(1)} ms`, isReached: p50 < 6 },
    atMost('at 500/s: p99', 1, ratio('p99 500')),
    atMost('at 500/s: browser CPU', 0.5, ratio('cpu 500')),
    share('sockets'),
    share('handshakes'),
    share('joins'),
    share('bytes small'),
    atMost('server CPU at 500/s', 0.6, ratio('server-cpu 500')),
    atMost('first data in a new tab', 0.7, ratio('first')),
    atMost('all tabs live after a server restart', 0.8, ratio('restart')),
    atMost('JS loaded and parsed by a tab', 0.3, weight(PARTYLINE) / weight(TODAY)),
    atMost('memory (PSS) per additional tab', 1, tabMemory(PARTYLINE) / tabMemory(TODAY)),
    ...(tabs.includes(1)
      ? (['p50 50', 'p99 50', 'cpu 500', 'drain small', 'drain big', 'drain-cpu small'] as const).map(
          (figure) => atMost(`1 tab alone: ${figure}`, 1.25, ratio(figure, 1)),
        )
      : []),
  ]
}

function againstFloor({ median }: View): Target[] {
  const sizes: Size[] = SIZES.filter((size) => size !== 'medium')
  return sizes.flatMap((size) =>
    (['drain', 'drain-cpu'] as const).map((kind) =>
      atMost(
        `against the raw floor: ${kind} ${size}`,
        1.25,
        median(PARTYLINE, `${kind} ${size}`) / median(FLOOR, `${kind} ${size}`),
      ),
    ),
  )
}

function againstItself({ median, usual, tabs }: View): Target[] {
  const blocked = atMost(
    'first tab blocked for 5 s: p99 of the others',
    NOISE,
    median(PARTYLINE, 'blocked') / median(PARTYLINE, 'calm'),
  )
  const most = tabs.at(-1) ?? usual
  const growth = (['drain small', 'drain-cpu small'] as const).map((figure) =>
    atMost(
      `${most} tabs against ${usual}: ${figure} per tab`,
      GROWTH,
      median(PARTYLINE, figure, most) / most / (median(PARTYLINE, figure) / usual),
    ),
  )
  return [blocked, ...(most > usual ? growth : [])]
}

/** What was measured of the targets. */
export function targetsOf(results: Results): Target[] {
  const view = viewOf(results)
  return [...againstToday(view, results.weights), ...againstFloor(view), ...againstItself(view)].filter(
    ({ got }) => !got.startsWith('NaN'),
  )
}
