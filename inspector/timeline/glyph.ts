import { drawing } from '../dom/dom'
import type { Shown } from './items'
import type { Phase } from './spans'

/** What marks look like, around their middle. Shapes differ, so that nobody has to tell colours apart. */
const SHAPES: Readonly<Record<Shown, string>> = {
  start: 'M-3.5 5V-5H4L1.8 -2.2L4 .6H-3.5',
  drop: 'M-5 -4.5H5L0 4.5Z',
  retry: 'M0 -4.5V4.5',
  poll: 'M-2.5 0A2.5 2.5 0 1 0 2.5 0A2.5 2.5 0 1 0 -2.5 0Z',
  reload: 'M4.4 1.2A4.5 4.5 0 1 1 3.2 -3.2M3.9 -5.6V-2.6H.9',
  gap: 'M0 -5L5 0L0 5L-5 0Z',
  wake: 'M-3.2 -3.2H3.2V3.2H-3.2Z',
}

/** The shape of a mark. */
export const glyph = (kind: Shown): SVGPathElement =>
  drawing('path', { class: `glyph ${kind}`, d: SHAPES[kind] })

/** How phases are filled, beside their colour. `online` is plain. */
const FILLS: readonly (readonly [Phase, size: number, path: string])[] = [
  ['connecting', 6, 'M3 0V6'],
  ['offline', 6, 'M-1 1L1 -1M0 6L6 0M5 7L7 5'],
  ['polling', 6, 'M1.5 3H4.5M3 1.5V4.5'],
  ['unauthorized', 7, 'M0 0L7 7M0 7L7 0'],
]

/** The patterns phases are filled with: one set for each picture, as names hold within one shadow tree. */
export function patterns(): SVGDefsElement {
  return drawing(
    'defs',
    {},
    ...FILLS.map(([phase, size, d]) =>
      drawing(
        'pattern',
        { id: phase, width: String(size), height: String(size), patternUnits: 'userSpaceOnUse' },
        drawing('rect', { width: String(size), height: String(size), class: `fill ${phase}` }),
        drawing('path', { class: 'hatch', d }),
      ),
    ),
  )
}

/** What a phase is filled with. */
export function fillOf(phase: Phase): string | undefined {
  return FILLS.some(([name]) => name === phase) ? `url(#${phase})` : undefined
}
