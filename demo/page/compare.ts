import type { Way } from '../server/counts.ts'
import { addressOf, KIND } from './address.ts'
import { element, setText } from './dom.ts'
import { groupsFor } from './faults/catalogue.ts'
import type { Fault } from './faults/fault.ts'
import { createCountList, describeStart, watchCounts } from './server-counts.ts'
import { createTopBar } from './top-bar.ts'

const TABS = { first: 4, most: 8 }

/** The faults in which the two ways differ, in a good order to try them. */
const FAULTS = ['cut', 'stop', 'expire', 'refuse', 'kill', 'deploy']

const PER_ROOM = KIND === 'websocket' ? ' per room' : ''

const WAYS: readonly {
  readonly way: Way
  readonly title: string
  readonly about: string
}[] = [
  {
    way: 'partyline',
    title: 'Partyline',
    about: `One socket${PER_ROOM}, held by a worker that all tabs share`,
  },
  {
    way: 'perTab',
    title: KIND === 'websocket' ? 'Sockets per tab' : 'A socket per tab',
    about:
      KIND === 'websocket'
        ? 'Each tab has a socket per room, as a hook per endpoint opens it'
        : 'Each tab has its own socket, with socket.io-client’s own reconnection',
  },
]

/** A number of tabs that are connected in one way. */
function createSide({ way, title, about }: (typeof WAYS)[number]) {
  const counts = createCountList(way)
  const tabs = element('div', { class: 'frames' })
  const src = `${addressOf(KIND, way, 'embed')}#overview`
  return {
    root: element(
      'section',
      { class: `card way ${way}`, 'aria-labelledby': `way-${way}` },
      element(
        'header',
        {},
        element('h2', { id: `way-${way}` }, title),
        element('p', { class: 'mute small' }, about),
      ),
      counts.root,
      tabs,
    ),
    render: counts.render,
    set(count: number) {
      while (tabs.children.length > count) tabs.lastElementChild?.remove()
      while (tabs.children.length < count) {
        const number = tabs.children.length + 1
        tabs.append(element('iframe', { src, title: `${title}, tab ${number}` }))
      }
    },
  }
}

/** Lets the user choose the number of tabs on each side. */
function createTabPicker(onChange: (count: number) => void) {
  let count = TABS.first
  const output = element('output', { 'aria-label': 'Tabs on each side' })
  const step = (by: number, label: string, sign: string) => {
    const button = element('button', { type: 'button', 'aria-label': label }, sign)
    button.addEventListener('click', () => set(count + by))
    return button
  }
  const fewer = step(-1, 'Remove a tab', '−')
  const more = step(1, 'Add a tab', '+')
  function set(next: number) {
    count = Math.min(TABS.most, Math.max(1, next))
    fewer.disabled = count === 1
    more.disabled = count === TABS.most
    setText(output, String(count))
    onChange(count)
  }
  return {
    root: element(
      'div',
      { class: 'counter', role: 'group', 'aria-label': 'Tabs' },
      element('span', {}, 'Tabs on each side'),
      fewer,
      output,
      more,
    ),
    set,
  }
}

function createFaultButton(fault: Fault, onFailed: (reason: string) => void): HTMLElement {
  const button = element('button', { type: 'button', title: fault.expected }, fault.label)
  const context = {
    line: undefined,
    seconds: fault.seconds ?? 0,
    count: fault.count ?? 0,
    show: async () => {},
    acknowledgeLatest: async () => {},
  }
  button.addEventListener('click', () => {
    Promise.resolve(fault.run(context)).catch((error: Error) => onFailed(error.message))
  })
  return button
}

/** The same dashboard connected in both ways, with the server's counts for each. */
export function openCompare(into: HTMLElement): void {
  const sides = WAYS.map((way) => createSide(way))
  const since = element('p', { class: 'mute small', role: 'status' }, '\u00a0')
  const picker = createTabPicker((count) => {
    for (const side of sides) side.set(count)
  })
  const all = groupsFor(KIND).flatMap((group) => group.faults)
  const faults = FAULTS.flatMap((id) => all.find((fault) => fault.id === id) ?? [])
  into.dataset['way'] = 'compare'
  into.replaceChildren(
    createTopBar(),
    element(
      'main',
      { class: 'compare' },
      element(
        'section',
        { class: 'card controls', 'aria-label': 'Break both' },
        element('h1', {}, 'The same dashboard, twice'),
        picker.root,
        element(
          'div',
          { class: 'buttons' },
          ...faults.map((fault) => createFaultButton(fault, (reason) => setText(since, reason))),
        ),
        since,
      ),
      ...sides.map(({ root }) => root),
    ),
  )
  picker.set(TABS.first)
  watchCounts((counts) => {
    setText(since, counts ? `Counted by the server ${describeStart(counts)}` : 'The server does not answer')
    if (counts) for (const side of sides) side.render(counts)
  })
}
