import type { JobChange } from '../../server/rooms.ts'
import { createChart } from '../chart.ts'
import { element } from '../dom.ts'
import { formatDuration, formatTime } from '../format.ts'
import { chip, createTable, type Row } from '../table.ts'
import { createTile } from '../tile.ts'
import { createBoard } from './board.ts'
import type { MakeView } from './view.ts'

const ROWS = 10
const TONES = { waiting: 'wait', running: 'one', done: 'live' } as const

export const queue: MakeView = (logs) => {
  const log = logs.of('queue')
  const tiles = [
    createTile({ title: 'Waiting', unit: 'jobs', log, value: ({ waiting }) => waiting, tone: 'two' }),
    createTile({ title: 'Running', unit: 'jobs', log, value: ({ running }) => running }),
    createTile({ title: 'Done', unit: '/min', log, value: ({ perMinute }) => perMinute, tone: 'three' }),
    createTile({ title: 'Load', unit: '% cpu', log: logs.of('stats'), value: ({ cpu }) => cpu }),
  ]
  const chart = createChart({
    title: 'Depth',
    unit: 'jobs',
    log,
    series: [
      { name: 'waiting', tone: 'two', value: ({ waiting }) => waiting },
      { name: 'running', tone: 'one', value: ({ running }) => running },
    ],
    maxSilence: 5000,
  })
  const table = createTable(
    'Jobs, as they move',
    [
      { head: 'Time', width: '6.4em' },
      { head: 'Job' },
      { head: 'Number', width: '6em' },
      { head: 'State', width: '6.5em' },
      { head: 'Took', width: '5em' },
    ],
    ROWS,
  )
  function rows(): Row[] {
    const jobs = new Map<number, JobChange & { readonly at: number }>()
    for (const { at, changes } of log.items.slice(-ROWS))
      for (const change of changes) jobs.set(change.job, { ...change, at })
    const latest = [...jobs.values()].sort((a, b) => b.at - a.at || b.job - a.job)
    return latest.map(({ at, name, job, state, took }) => ({
      key: `${at} ${job}`,
      cells: () => [
        element('time', {}, formatTime(at)),
        name,
        `#${job}`,
        chip(state, TONES[state]),
        took > 0 ? formatDuration(took) : '–',
      ],
    }))
  }
  return createBoard({ tiles, chart, table, rows })
}
