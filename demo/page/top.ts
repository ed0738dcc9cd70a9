import { hashOf, NAMES, nameOf, WAY, WORKFLOWS } from './address.ts'
import { drawn, element } from './dom.ts'
import type { Panel } from './source.ts'
import { createThemeButton } from './theme.ts'

export const VERSION = document.documentElement.dataset['version'] ?? ''

const WAYS = [
  ['partyline', './', 'Partyline'],
  ['usual', './?usual', 'The usual way'],
  ['compare', './?compare', 'Side by side'],
] as const

/** The mark: one line, three pages on it. */
const mark = () =>
  drawn(
    'svg',
    { viewBox: '0 0 34 26', class: 'mark', 'aria-hidden': 'true' },
    drawn('path', { d: 'M2 5h30M8 5v9M17 5v13M26 5v9' }),
    drawn('circle', { cx: 8, cy: 17, r: 3.2 }),
    drawn('circle', { cx: 17, cy: 21, r: 3.2, class: 'lit' }),
    drawn('circle', { cx: 26, cy: 17, r: 3.2 }),
  )

/** A button that leads to a part of the page. A link would take the hash, which names the panel. */
export function createJump(name: string, label: string, to: HTMLElement): HTMLElement {
  const button = element('button', { type: 'button', class: name }, label)
  button.addEventListener('click', () => {
    to.scrollIntoView()
    to.focus({ preventScroll: true })
  })
  return button
}

/** The bar at the top of every page: name, way of being connected, version, theme, and what is handed in. */
export function createTop(...extra: readonly HTMLElement[]): HTMLElement {
  const ways = WAYS.map(([way, href, label]) => {
    const link = element('a', { href, ...(way === WAY && { 'aria-current': 'page' }) }, label)
    // The panel stays the same.
    link.addEventListener('click', () => {
      link.href = `${href}${location.hash}`
    })
    return link
  })
  return element(
    'header',
    { class: 'top' },
    element(
      'a',
      { class: 'brand', href: './' },
      mark() as unknown as HTMLElement,
      element('span', {}, 'Partyline'),
    ),
    element('nav', { class: 'ways', 'aria-label': 'How the pages are connected' }, ...ways),
    element('span', { class: 'version', title: 'The version this page was served as' }, VERSION),
    createThemeButton(),
    ...extra,
  )
}

/** The panels, as links to where each can be reloaded and shared. */
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
          // Where there is no room for all of them, the chosen one is to be seen.
          link.parentElement?.scrollTo({ left: link.offsetLeft - 24 })
        } else link.removeAttribute('aria-current')
      }
    },
  }
}
