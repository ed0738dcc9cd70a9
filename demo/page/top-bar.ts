import type { Kind } from '../server/counts.ts'
import { addressOf, hashOf, KIND, NAMES, nameOf, WAY, WORKFLOWS } from './address.ts'
import { element, svgElement } from './dom.ts'
import type { Panel } from './source.ts'
import { createThemeButton } from './theme.ts'

export const VERSION = document.documentElement.dataset['version'] ?? ''

const KINDS: readonly (readonly [kind: Kind, label: string])[] = [
  ['socketIo', 'Socket.IO'],
  ['websocket', 'WebSocket'],
]

const WAYS: readonly (readonly [way: typeof WAY, label: string])[] = [
  ['partyline', 'Partyline'],
  ['perTab', KIND === 'websocket' ? 'Sockets per tab' : 'A socket per tab'],
  ['compare', 'Side by side'],
]

/** The logo: one line with three pages on it. */
const logo = () =>
  svgElement(
    'svg',
    { viewBox: '0 0 34 26', class: 'mark', 'aria-hidden': 'true' },
    svgElement('path', { d: 'M2 5h30M8 5v9M17 5v13M26 5v9' }),
    svgElement('circle', { cx: 8, cy: 17, r: 3.2 }),
    svgElement('circle', { cx: 17, cy: 21, r: 3.2, class: 'lit' }),
    svgElement('circle', { cx: 26, cy: 17, r: 3.2 }),
  )

/** A button that jumps to a part of the page. A link would replace the hash, which names the panel. */
export function createJump(name: string, label: string, to: HTMLElement): HTMLElement {
  const button = element('button', { type: 'button', class: name }, label)
  button.addEventListener('click', () => {
    to.scrollIntoView()
    to.focus({ preventScroll: true })
  })
  return button
}

/** A link that keeps the panel. */
function createLink(href: string, label: string, isCurrent: boolean): HTMLElement {
  const link = element('a', { href, ...(isCurrent && { 'aria-current': 'page' }) }, label)
  link.addEventListener('click', () => {
    link.href = `${href}${location.hash}`
  })
  return link
}

/** The bar at the top of every page: name, kind of server, way to be connected, version, theme, and, of a connected page, bell and badge. */
export function createTopBar(bell?: HTMLElement, badge?: HTMLElement): HTMLElement {
  const kinds = KINDS.map(([kind, label]) => createLink(addressOf(kind, WAY), label, kind === KIND))
  const ways = WAYS.map(([way, label]) => createLink(addressOf(KIND, way), label, way === WAY))
  return element(
    'header',
    { class: 'top' },
    element('a', { class: 'brand', href: './' }, logo(), element('span', {}, 'Partyline')),
    element('nav', { class: 'choice', 'aria-label': 'The kind of server' }, ...kinds),
    element('nav', { class: 'choice', 'aria-label': 'How the pages are connected' }, ...ways),
    ...(bell ? [bell] : []),
    element('span', { class: 'version', title: 'The version of this page' }, VERSION),
    createThemeButton(),
    ...(badge ? [badge] : []),
  )
}

/** The panels as links, each with its own address. */
export function createTabs() {
  const links = NAMES.map((name) => {
    const panel: Panel = name === 'workflow' ? [name, WORKFLOWS[0]] : name
    return { name, link: element('a', { href: hashOf(panel) }, name) }
  })
  return {
    root: element('nav', { class: 'tabs', 'aria-label': 'Panels' }, ...links.map(({ link }) => link)),
    show(panel: Panel) {
      for (const { name, link } of links) {
        if (name === nameOf(panel)) {
          link.setAttribute('aria-current', 'page')
          // On a narrow screen, scroll to the chosen one.
          link.parentElement?.scrollTo({ left: link.offsetLeft - 24 })
        } else link.removeAttribute('aria-current')
      }
    },
  }
}
