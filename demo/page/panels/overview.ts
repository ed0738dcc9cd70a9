import { createChart } from '../chart.ts'
import { chip, createTable } from '../table.ts'
import { createTile } from '../tile.ts'
import { createBoard } from './board.ts'
import { logRows } from './log-rows.ts'
import type { MakeView } from './view.ts'

const TONES = { deploy: 'one', merge: 'plain', scale: 'wait', incident: 'bad' } as const
const ROWS = 7

export const overview: MakeView = (logs) => {
  const log = logs.of('stats')
  const tiles = [
    createTile({ title: 'Requests', unit: '/s', log, value: ({ rps }) => rps }),
    createTile({ title: 'Latency p95', unit: 'ms', log, value: ({ p95 }) => p95, tone: 'two' }),
    createTile({ title: 'Failing', unit: '%', log, value: ({ failing }) => failing, tone: 'bad' }),
    createTile({ title: 'Sessions', unit: '', log, value: ({ sessions }) => sessions, tone: 'three' }),
  ]
  const chart = createChart({
    title: 'Latency',
    unit: 'ms',
    log,
    series: [
      { name: 'p95', tone: 'two', value: ({ p95 }) => p95 },
      { name: 'p50', tone: 'one', value: ({ p50 }) => p50 },
    ],
    maxSilence: 3500,
    isTall: true,
  })
  const news = logs.of('activity')
  const table = createTable(
    'Activity',
    [
      { head: 'Time', width: '6.4em' },
      { head: 'What' },
      { head: 'Who', width: '7em' },
      { head: 'Kind', width: '6.5em' },
    ],
    ROWS,
  )
  const rows = () =>
    logRows({
      log: news,
      rows: ROWS,
      width: 3,
      cells: ({ what, who, kind }) => [what, who, chip(kind, TONES[kind])],
    })
  return createBoard({ tiles, chart, table, rows })
}
