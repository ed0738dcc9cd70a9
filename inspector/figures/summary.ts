import type { Snapshot } from '../../shared/snapshot'
import { element, setAttribute, setText } from '../dom/elements'
import { formatDuration, formatNumber } from '../format'
import { createSparkline } from './sparkline'

/** How many round trips the sparkline shows: as many as a snapshot has. */
const ROUND_TRIPS = 60

function createTile(label: string, ...extra: Element[]) {
  const main = element('strong')
  const small = element('span', { class: 'unit' })
  const note = element('small')
  return {
    root: element(
      'div',
      { class: 'tile' },
      element('dt', {}, label),
      element('dd', {}, element('span', { class: 'value' }, main, small), ...extra, note),
    ),
    update(value: string, unit: string, details: string, tone?: string) {
      setText(main, value)
      setText(small, unit)
      setText(note, details)
      setAttribute(note, 'data-tone', tone)
    },
  }
}

function median(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}

/** The snapshot's downtime leaves out an outage that has not ended. */
function totalDowntime({ downtime, outages }: Snapshot['link'], now: number): number {
  const last = outages.at(-1)
  return last && last.for === undefined ? downtime + now - last.at : downtime
}

/** The four most important figures. */
export function createSummary() {
  const sparkline = createSparkline(ROUND_TRIPS)
  const roundTrip = createTile('Round trip', sparkline.root)
  const rooms = createTile('Rooms joined')
  const tabs = createTile('Tabs')
  const outages = createTile('Outages')

  function showRoundTrips(values: readonly number[]) {
    const sorted = [...values].sort((a, b) => a - b)
    const last = values.at(-1)
    sparkline.update(values)
    if (last === undefined) roundTrip.update('–', '', 'none measured yet')
    else
      roundTrip.update(
        formatNumber(last),
        ' ms',
        `median ${formatNumber(median(sorted))}, highest ${formatNumber(sorted.at(-1) ?? last)}`,
      )
  }

  function showRooms(all: Snapshot['rooms']) {
    const wanted = all.filter((room) => room.wanted > 0)
    const countIn = (state: string) => wanted.filter((room) => room.state === state).length
    const details = ['denied', 'joining', 'stale']
      .filter((state) => countIn(state) > 0)
      .map((state) => `${formatNumber(countIn(state))} ${state}`)
      .join(', ')
    rooms.update(
      formatNumber(countIn('live')),
      ` of ${formatNumber(wanted.length)}`,
      details || (wanted.length === 0 ? 'none wanted' : 'all wanted rooms'),
      countIn('denied') > 0 ? 'bad' : undefined,
    )
  }

  function showTabs(all: Snapshot['tabs']) {
    const here = all.filter((tab) => tab.here)
    const inFront = here.filter((tab) => tab.visible).length
    const away = all.length - here.length
    tabs.update(
      formatNumber(here.length),
      '',
      `${formatNumber(inFront)} in front${away > 0 ? `, ${formatNumber(away)} away` : ''}`,
    )
  }

  return {
    root: element('dl', { class: 'tiles' }, roundTrip.root, rooms.root, tabs.root, outages.root),
    update({ link, rooms: allRooms, tabs: allTabs, counters: { drops } }: Snapshot, now: number) {
      showRoundTrips(link.roundTrips.map(({ ms }) => ms))
      showRooms(allRooms)
      showTabs(allTabs)
      outages.update(
        formatNumber(drops),
        '',
        drops > 0 ? `${formatDuration(totalDowntime(link, now))} down in total` : 'since the worker started',
      )
    },
  }
}
