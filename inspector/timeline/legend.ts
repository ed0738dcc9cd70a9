import { drawing, element } from '../dom/dom'
import { fillOf, glyph } from './glyph'
import type { Shown } from './items'
import type { Phase } from './spans'

const PHASES: readonly (readonly [Phase, string])[] = [
  ['online', 'Online'],
  ['offline', 'Offline'],
  ['polling', 'Polling'],
  ['unauthorized', 'Not authorized'],
  ['paused', 'Paused, idle'],
]
const MARKS: readonly (readonly [Shown, string])[] = [
  ['drop', 'Loss'],
  ['retry', 'Failed retry'],
  ['poll', 'Poll'],
  ['gap', 'Gap'],
  ['reload', 'Reload order'],
  ['wake', 'Wake-up'],
  ['start', 'Start'],
]

const key = (label: string, ...shapes: SVGElement[]) =>
  element('li', {}, drawing('svg', { viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, ...shapes), label)

function swatch(phase: Phase): SVGElement {
  const fill = fillOf(phase)
  return drawing('rect', {
    class: `phase ${phase}`,
    x: '-7',
    y: phase === 'online' ? '-3' : '-6',
    width: '14',
    height: phase === 'online' ? '6' : '12',
    rx: '2',
    ...(fill !== undefined && { fill }),
  })
}

/** What the picture's fills and shapes mean. */
export const createLegend = (): HTMLElement =>
  element(
    'ul',
    { class: 'legend' },
    ...PHASES.map(([phase, label]) => key(label, swatch(phase))),
    ...MARKS.map(([kind, label]) => key(label, glyph(kind))),
  )
