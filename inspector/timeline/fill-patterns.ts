import { svgElement } from '../dom/elements'
import type { Phase } from '../history/spans'

/** The patterns of phases, so that phases can be told apart without their colours. `online` is plain. */
const PATTERNS: readonly (readonly [Phase, size: number, path: string])[] = [
  ['connecting', 6, 'M3 0V6'],
  ['offline', 6, 'M-1 1L1 -1M0 6L6 0M5 7L7 5'],
  ['polling', 6, 'M1.5 3H4.5M3 1.5V4.5'],
  ['unauthorized', 7, 'M0 0L7 7M0 7L7 0'],
]

/** Defines the patterns. Each chart needs its own, because an id is only found within its shadow tree. */
export function fillPatterns(): SVGDefsElement {
  return svgElement(
    'defs',
    {},
    ...PATTERNS.map(([phase, size, d]) =>
      svgElement(
        'pattern',
        { id: phase, width: String(size), height: String(size), patternUnits: 'userSpaceOnUse' },
        svgElement('rect', { width: String(size), height: String(size), class: `fill ${phase}` }),
        svgElement('path', { class: 'hatch', d }),
      ),
    ),
  )
}

/** The `fill` attribute of a phase; none for a plain one. */
export const fillOf = (phase: Phase): { readonly fill?: string } =>
  PATTERNS.some(([name]) => name === phase) ? { fill: `url(#${phase})` } : {}
