import { svgElement } from '../dom/elements'
import type { ChartMarkKind } from '../history/descriptions'

/** Paths around the origin. The shapes differ, so that marks can be told apart without their colours. */
const PATHS: Readonly<Record<ChartMarkKind, string>> = {
  start: 'M-3.5 5V-5H4L1.8 -2.2L4 .6H-3.5',
  drop: 'M-5 -4.5H5L0 4.5Z',
  retry: 'M0 -4.5V4.5',
  poll: 'M-2.5 0A2.5 2.5 0 1 0 2.5 0A2.5 2.5 0 1 0 -2.5 0Z',
  reload: 'M4.4 1.2A4.5 4.5 0 1 1 3.2 -3.2M3.9 -5.6V-2.6H.9',
  gap: 'M0 -5L5 0L0 5L-5 0Z',
  wake: 'M-3.2 -3.2H3.2V3.2H-3.2Z',
}

/** The shape of a mark. */
export const glyph = (kind: ChartMarkKind): SVGPathElement =>
  svgElement('path', { class: `glyph ${kind}`, d: PATHS[kind] })
