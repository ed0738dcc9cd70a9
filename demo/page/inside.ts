import type { Line } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { element } from './dom.ts'

/** What happens inside, as the library itself shows it. It is loaded once the dashboard is there. */
export function createInside(line: Line<Dashboard>): HTMLElement {
  const root = element('section', { class: 'inside', 'aria-label': 'Inside' })
  void import('partyline/inspector').then(({ PartylineInspector }) => {
    const inspector = new PartylineInspector()
    inspector.line = line
    const follow = () => {
      const { theme } = document.documentElement.dataset
      if (theme === undefined) inspector.removeAttribute('theme')
      else inspector.setAttribute('theme', theme)
    }
    follow()
    new MutationObserver(follow).observe(document.documentElement, { attributeFilter: ['data-theme'] })
    root.append(inspector)
  })
  return root
}
