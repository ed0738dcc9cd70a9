import { element } from './dom.ts'

const KEY = 'partyline-demo/theme'
const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

function apply(theme: Theme) {
  if (theme === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

/** A button that switches between the themes: the system's, light, dark. */
export function createThemeButton(): HTMLElement {
  let theme = THEMES.find((each) => each === localStorage.getItem(KEY)) ?? 'auto'
  const button = element('button', { type: 'button', class: 'theme' })
  const render = () => {
    apply(theme)
    button.textContent = { auto: '◐', light: '☀', dark: '☾' }[theme]
    button.setAttribute('aria-label', `Theme: ${theme}`)
    button.title = `Theme: ${theme}`
  }
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
    localStorage.setItem(KEY, theme)
    render()
  })
  render()
  return button
}
