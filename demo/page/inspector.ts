import type { Line } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { element } from './dom.ts'

/** The library's inspector, loaded after the dashboard. */
export function createInspector(line: Line<Dashboard>): HTMLElement {
  const root = element('section', { class: 'inspector', 'aria-label': 'Inspector' })
  void import('partyline/inspector').then(({ PartylineInspector }) => {
    const inspector = new PartylineInspector()
    inspector.line = line
    const copyTheme = () => {
      const { theme } = document.documentElement.dataset
      if (theme === undefined) inspector.removeAttribute('theme')
      else inspector.setAttribute('theme', theme)
    }
    copyTheme()
    new MutationObserver(copyTheme).observe(document.documentElement, { attributeFilter: ['data-theme'] })
    root.append(inspector)
  })
  return root
}
