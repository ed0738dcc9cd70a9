import type { Line, PanelEvent } from 'partyline'
import type { Stats } from '../server/feed.ts'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { clock, element } from './dom.ts'

/** The panels of this page, as they stand in its address. */
export const PANELS = [
  'overview',
  'errors',
  'tmux',
  'queue',
  'nodes',
  'features',
  'bugs',
  'vault',
  'workflow/42',
] as const
export type PanelName = (typeof PANELS)[number]

type Shown = Exclude<PanelName, 'workflow/42'> | readonly ['workflow', '42']
const shownAs = (name: PanelName): Shown => (name === 'workflow/42' ? ['workflow', '42'] : name)

const TILES: readonly [key: keyof Stats, label: string, unit: string][] = [
  ['rps', 'Requests', '/s'],
  ['p95', 'Latency p95', 'ms'],
  ['cpu', 'CPU', '%'],
  ['errors', 'Errors', '/min'],
  ['features', 'Features in work', ''],
  ['bugs', 'Open bugs', ''],
]
const ROWS = 14
const POINTS = 40

/** A small line chart. */
function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 1)
  const least = Math.min(...values)
  const y = (value: number) => (26 - ((value - least) / Math.max(1, most - least)) * 24).toFixed(1)
  const step = 120 / (POINTS - 1)
  return values
    .map((value, index) => `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y(value)}`)
    .join('')
}

function tiles() {
  const history = new Map<keyof Stats, number[]>()
  const parts = TILES.map(([key, label, unit]) => {
    const value = element('b', {}, '–')
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('viewBox', '0 0 120 28')
    svg.setAttribute('preserveAspectRatio', 'none')
    svg.setAttribute('aria-hidden', 'true')
    const path = document.createElementNS(svg.namespaceURI, 'path')
    svg.append(path)
    const tile = element(
      'div',
      { class: 'tile' },
      element('h3', {}, label),
      element('p', {}, value, ` ${unit}`),
      svg as unknown as HTMLElement,
    )
    const update = (stats: Stats) => {
      const values = [...(history.get(key) ?? []), stats[key]].slice(-POINTS)
      history.set(key, values)
      value.textContent = String(stats[key])
      path.setAttribute('d', sparkline(values))
    }
    return { tile, update }
  })
  return {
    root: element('div', { class: 'tiles' }, ...parts.map(({ tile }) => tile)),
    update: (stats: Stats) => {
      for (const { update } of parts) update(stats)
    },
  }
}

function table(caption: string, heads: readonly string[]) {
  const body = element('tbody')
  const root = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
    body,
  )
  const row = (cells: readonly string[]) => element('tr', {}, ...cells.map((cell) => element('td', {}, cell)))
  return {
    root,
    add(cells: readonly string[]) {
      body.prepend(row(cells))
      while (body.rows.length > ROWS) body.deleteRow(-1)
    },
    set: (rows: readonly (readonly string[])[]) => body.replaceChildren(...rows.map(row)),
  }
}

/** Shows one panel until it is stopped. */
export function show(line: Line<Dashboard>, name: PanelName, into: HTMLElement): () => void {
  const panel = shownAs(name)
  const state = element('p', { class: 'state' })
  const stats = tiles()
  const rows = table('Latest first', ['Time', 'From', 'What'])
  const isTable = name !== 'features' && name !== 'bugs' && name !== 'vault'
  const hasStats = name !== 'tmux' && name !== 'nodes'
  into.replaceChildren(
    element('h2', {}, name),
    state,
    ...(hasStats ? [stats.root] : []),
    ...(isTable ? [rows.root] : []),
  )

  function render(event: PanelEvent<Dashboard, Shown>) {
    const time = clock(event.at)
    if (event.room === 'stats') stats.update(event.data)
    else if (event.room === 'activity') rows.add([time, event.data.who, event.data.what])
    else if (event.room === 'errors')
      rows.add([time, `${event.data.level} · ${event.data.service}`, event.data.message])
    else if (event.room === 'tmux') rows.add([time, event.data.pane, event.data.line])
    else if (event.room === 'queue')
      rows.add([time, `#${event.data.id} ${event.data.state}`, event.data.name])
    else if (event.room === 'nodes')
      rows.set(event.data.map((node) => [time, node.name, `cpu ${node.cpu} %, memory ${node.memory} %`]))
    else if (event.room !== 'secrets')
      rows.add([time, `step ${event.data.step} of ${event.data.steps}`, event.data.doing])
  }

  function describe() {
    const { state: word, since, lastAt, rooms } = line.panel(panel)
    const age =
      lastAt === undefined
        ? 'no event yet'
        : `last event ${Math.max(0, Math.round((Date.now() - lastAt) / 1000))} s ago`
    const names = Object.entries(rooms).map(([room, each]) => `${room} ${each}`)
    state.dataset['state'] = word
    state.textContent = [word === 'stale' ? `stale since ${clock(since)}` : word, age, ...names].join(' · ')
    into.dataset['state'] = word
  }

  const stop = line.subscribe(panel, render)
  describe()
  const timer = setInterval(describe, 500)
  return () => {
    clearInterval(timer)
    stop()
  }
}
