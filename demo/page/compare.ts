import type { Way } from '../server/census.ts'
import { createFigures, sinceOf, watchCensus } from './census.ts'
import { element, write } from './dom.ts'
import { GROUPS } from './faults/catalogue.ts'
import type { Fault } from './faults/fault.ts'
import { createTop } from './top.ts'

const TABS = { first: 4, most: 8 }

/** What tells the two apart, in the order in which it is best tried. */
const TRIED = ['cut', 'stop', 'expire', 'refuse', 'kill', 'deploy']

const WAYS: readonly {
  readonly way: Way
  readonly title: string
  readonly about: string
  readonly href: string
}[] = [
  {
    way: 'partyline',
    title: 'Partyline',
    about: 'One socket, held by a worker that all tabs share',
    href: './?embed',
  },
  {
    way: 'usual',
    title: 'The usual way',
    about: 'A socket in each tab, with socket.io-client’s own reconnection',
    href: './?usual&embed',
  },
]

/** One way of being connected, in so many tabs. */
function createSide({ way, title, about, href }: (typeof WAYS)[number]) {
  const figures = createFigures(way)
  const tabs = element('div', { class: 'frames' })
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
      figures.root,
      tabs,
    ),
    render: figures.render,
    set(count: number) {
      while (tabs.children.length > count) tabs.lastElementChild?.remove()
      while (tabs.children.length < count) {
        const number = tabs.children.length + 1
        tabs.append(element('iframe', { src: `${href}#overview`, title: `${title}, tab ${number}` }))
      }
    },
  }
}

/** How many tabs there are on each side. */
function createCounter(changed: (count: number) => void) {
  let count = TABS.first
  const output = element('output', { 'aria-label': 'Tabs on each side' })
  const step = (by: number, label: string, sign: string) => {
    const button = element('button', { type: 'button', 'aria-label': label }, sign)
    button.addEventListener('click', () => set(count + by))
    return button
  }
  const fewer = step(-1, 'One tab fewer', '−')
  const more = step(1, 'One tab more', '+')
  function set(next: number) {
    count = Math.min(TABS.most, Math.max(1, next))
    fewer.disabled = count === 1
    more.disabled = count === TABS.most
    write(output, String(count))
    changed(count)
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

function faultButton(fault: Fault, failed: (why: string) => void): HTMLElement {
  const button = element('button', { type: 'button', title: fault.promise }, fault.label)
  const stage = {
    line: undefined,
    seconds: fault.seconds ?? 0,
    count: fault.count ?? 0,
    show: async () => {},
  }
  button.addEventListener('click', () => {
    Promise.resolve(fault.act(stage)).catch((error: Error) => failed(error.message))
  })
  return button
}

/** The same dashboard both ways, in as many tabs each, with what the server counts for them. */
export function openCompare(into: HTMLElement): void {
  const sides = WAYS.map((way) => createSide(way))
  const since = element('p', { class: 'mute small', role: 'status' }, '\u00a0')
  const counter = createCounter((count) => {
    for (const side of sides) side.set(count)
  })
  const all = GROUPS.flatMap((group) => group.faults)
  const tried = TRIED.flatMap((id) => all.find((fault) => fault.id === id) ?? [])
  into.dataset['way'] = 'compare'
  into.replaceChildren(
    createTop(),
    element(
      'main',
      { class: 'compare' },
      element(
        'section',
        { class: 'card controls', 'aria-label': 'Break both' },
        element('h1', {}, 'The same dashboard, twice'),
        counter.root,
        element(
          'div',
          { class: 'buttons' },
          ...tried.map((fault) => faultButton(fault, (why) => write(since, why))),
        ),
        since,
      ),
      ...sides.map(({ root }) => root),
    ),
  )
  counter.set(TABS.first)
  watchCensus((census) => {
    write(since, census ? `The server’s own numbers, ${sinceOf(census)}` : 'The server does not answer')
    if (census) for (const side of sides) side.render(census)
  })
}
