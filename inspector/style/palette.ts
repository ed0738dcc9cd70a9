/** The colours of the light theme. A page can set each as `--partyline-<name>`. */
const LIGHT = {
  ground: '#ffffff',
  sunken: '#f6f7f9',
  ink: '#17202b',
  muted: '#586473',
  edge: '#e3e7ec',
  accent: '#2456c7',
  good: '#1a7f54',
  wait: '#946200',
  bad: '#b8322a',
  denied: '#7a3fb0',
  idle: '#7c8795',
}
type Palette = typeof LIGHT

const DARK: Palette = {
  ground: '#12161c',
  sunken: '#1a2028',
  ink: '#e8ecf1',
  muted: '#9da8b6',
  edge: '#2a323c',
  accent: '#8db2ff',
  good: '#45b585',
  wait: '#e0ae4c',
  bad: '#f5827a',
  denied: '#c39af0',
  idle: '#8792a0',
}

/** System colours, for users with forced colours (high contrast). */
const FORCED: Palette = {
  ground: 'Canvas',
  sunken: 'Canvas',
  ink: 'CanvasText',
  muted: 'CanvasText',
  edge: 'CanvasText',
  accent: 'Highlight',
  good: 'CanvasText',
  wait: 'CanvasText',
  bad: 'CanvasText',
  denied: 'CanvasText',
  idle: 'GrayText',
}

const declare = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}: var(--partyline-${name}, ${value});`)
    .join('\n')

/** The colours as CSS rules: the `theme` attribute decides, else the system. */
export const palette = `
:host { color-scheme: light; ${declare(LIGHT)} }
:host([theme='dark']) { color-scheme: dark; ${declare(DARK)} }
@media (prefers-color-scheme: dark) {
  :host(:not([theme='light'])) { color-scheme: dark; ${declare(DARK)} }
}
@media (forced-colors: active) {
  :host { ${Object.entries(FORCED)
    .map(([name, value]) => `--${name}: ${value} !important;`)
    .join('\n')} }
}
`
