import type { PanelStatus, RoomState } from 'partyline'
import type { Name } from './address.ts'
import { element, write } from './dom.ts'
import { age, span } from './words.ts'

const ABOUT: Record<Name, [title: string, about: string]> = {
  overview: ['Overview', 'Traffic, latency, load, and who did what'],
  errors: ['Errors', 'What failed, where, and how often'],
  tmux: ['Terminals', 'Three panes of the build machine'],
  queue: ['Queue', 'Jobs on their way through'],
  nodes: ['Nodes', 'Six machines in three zones'],
  features: ['Features', 'What is planned, built, reviewed and shipped'],
  bugs: ['Bugs', 'What is open, and what was fixed'],
  workflow: ['Workflow', 'One run from plan to ship'],
  vault: ['Vault', 'A room this server keeps shut'],
}

/** Lags below this are nobody's business. */
const LAG = 400

const WORDS: Record<RoomState, string> = {
  joining: 'joining',
  live: 'live',
  stale: 'stale',
  denied: 'denied',
}

/** A panel's head: its name, how it is doing, its rooms. Its size never changes. */
export function createHead(name: Name, param: string) {
  const [title, about] = ABOUT[name]
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
    /** `lastAt`: when the latest of what is shown happened. */
    render({ state: now, rooms: each }: PanelStatus, lastAt: number | undefined) {
      root.dataset['state'] = now
      write(state, WORDS[now])
      const last = lastAt === undefined ? 'nothing yet' : age(Date.now() - lastAt)
      const behind = lag > LAG ? `, ${span(lag)} behind` : ''
      const words: Record<RoomState, string> = {
        live: `${last}${behind}`,
        stale: lastAt === undefined ? last : `data from ${last}`,
        joining: last,
        denied: 'asked again at the next handshake',
      }
      write(fresh, words[now])
      const names = Object.entries(each)
      rooms.replaceChildren(
        ...names.map(([room, word]) =>
          element('li', { 'data-state': word, title: `${room}: ${word}` }, room),
        ),
      )
    },
  }
}
