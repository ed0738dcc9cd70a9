import type { Snapshot } from '../../shared/snapshot'
import { element, say, set } from '../dom/dom'
import { count, duration } from '../dom/format'
import { createSparkline } from './sparkline'

/** How many round trips the picture has room for: as many as the worker remembers. */
const TRIPS = 60

function createTile(label: string, ...more: Element[]) {
  const value = element('strong')
  const unit = element('span', { class: 'unit' })
  const detail = element('small')
  return {
    root: element(
      'div',
      { class: 'tile' },
      element('dt', {}, label),
      element('dd', {}, element('span', { class: 'value' }, value, unit), ...more, detail),
    ),
    update(figure: string, after: string, words: string, tone?: string) {
      say(value, figure)
      say(unit, after)
      say(detail, words)
      set(detail, 'data-tone', tone)
    },
  }
}

function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}

/** The link counts an outage once it is over. */
function downtime({ downtime: past, outages }: Snapshot['link'], now: number): number {
  const last = outages.at(-1)
  return last && last.for === undefined ? past + now - last.at : past
}

/** The few figures that say how things are. */
export function createSummary() {
  const spark = createSparkline(TRIPS)
  const trips = createTile('Round trip', spark.root)
  const rooms = createTile('Rooms joined')
  const tabs = createTile('Tabs')
  const outages = createTile('Outages')

  function showTrips(values: readonly number[]) {
    const sorted = [...values].sort((a, b) => a - b)
    const last = values.at(-1)
    spark.update(values)
    if (last === undefined) trips.update('–', '', 'none measured yet')
    else
      trips.update(
        count(last),
        ' ms',
        `median ${count(middle(sorted))}, highest ${count(sorted.at(-1) ?? last)}`,
      )
  }

  function showRooms(all: Snapshot['rooms']) {
    const wanted = all.filter((room) => room.wanted > 0)
    const among = (state: string) => wanted.filter((room) => room.state === state).length
    const denied = among('denied')
    const parts = [
      ...(denied > 0 ? [`${count(denied)} denied`] : []),
      ...(among('joining') > 0 ? [`${count(among('joining'))} asked for`] : []),
      ...(among('stale') > 0 ? [`${count(among('stale'))} stale`] : []),
    ]
    const words = parts.join(', ') || (wanted.length === 0 ? 'none is wanted' : 'all that are wanted')
    rooms.update(count(among('live')), ` of ${count(wanted.length)}`, words, denied > 0 ? 'bad' : undefined)
  }

  return {
    root: element('dl', { class: 'tiles' }, trips.root, rooms.root, tabs.root, outages.root),
    update(snapshot: Snapshot, now: number) {
      showTrips(snapshot.link.roundTrips.map(({ ms }) => ms))
      showRooms(snapshot.rooms)
      const here = snapshot.tabs.filter((tab) => tab.here)
      const front = here.filter((tab) => tab.visible).length
      const away = snapshot.tabs.length - here.length
      tabs.update(
        count(here.length),
        '',
        `${count(front)} in front${away > 0 ? `, ${count(away)} away` : ''}`,
      )
      const { drops } = snapshot.counters
      outages.update(
        count(drops),
        '',
        drops > 0 ? `${duration(downtime(snapshot.link, now))} down in all` : 'since the worker started',
      )
    },
  }
}
