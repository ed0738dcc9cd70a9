import type { PanelStatus, RoomState } from 'partyline'
import type { Name } from './address.ts'
import { element, setText } from './dom.ts'
import { formatAge, formatDuration } from './format.ts'

const TITLES: Record<Name, [title: string, about: string]> = {
  overview: ['Overview', 'Traffic, latency, and recent activity'],
  errors: ['Errors', 'Latest errors and warnings'],
  tmux: ['Terminals', 'Three panes of the build machine'],
  queue: ['Queue', 'Jobs that wait, run, and end'],
  nodes: ['Nodes', 'Six machines in three zones'],
  features: ['Features', 'Planned, in work, in review and shipped'],
  bugs: ['Bugs', 'Open and fixed'],
  workflow: ['Workflow', 'One run from plan to ship'],
  vault: ['Vault', 'A room that this server denies to everybody'],
}

/** A smaller delay of events is not shown, in ms. */
const SHOWN_LAG = 400

/** The head of a panel: its name, its state, its rooms. Its size is fixed. */
export function createHead(name: Name, param: string) {
  const [title, about] = TITLES[name]
  const state = element('span', { class: 'state' })
  const fresh = element('span', { class: 'fresh' })
  const rooms = element('ul', { class: 'rooms', 'aria-label': 'Rooms of this panel' })
  const root = element(
    'header',
    { class: 'head' },
    element(
      'div',
      {},
      element('h1', {}, param ? `${title} ${param}` : title),
      element('p', { class: 'mute' }, about),
    ),
    element('div', { class: 'doing' }, element('p', {}, state, fresh), rooms),
  )
  let lag = 0

  return {
    root,
    lag: (ms: number) => {
      lag = ms
    },
    /** `lastAt`: the time of the latest event that is shown. */
    render({ state: now, rooms: each }: PanelStatus, lastAt: number | undefined) {
      root.dataset['state'] = now
      setText(state, now)
      const last = lastAt === undefined ? 'no events yet' : formatAge(Date.now() - lastAt)
      const behind = lag > SHOWN_LAG ? `, ${formatDuration(lag)} behind` : ''
      const details: Record<RoomState, string> = {
        live: `${last}${behind}`,
        stale: lastAt === undefined ? last : `data from ${last}`,
        joining: last,
        denied: 'asked again after the next handshake',
      }
      setText(fresh, details[now])
      const names = Object.entries(each)
      rooms.replaceChildren(
        ...names.map(([room, roomState]) =>
          element('li', { 'data-state': roomState, title: `${room}: ${roomState}` }, room),
        ),
      )
    },
  }
}
