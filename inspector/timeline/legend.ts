import { element, svgElement } from '../dom/elements'
import type { ChartMarkKind } from '../history/descriptions'
import type { Phase } from '../history/spans'
import { fillOf } from './fill-patterns'
import { glyph } from './glyph'

const PHASES: readonly (readonly [Phase, string])[] = [
  ['online', 'Online'],
  ['offline', 'Offline'],
  ['polling', 'Polling'],
  ['unauthorized', 'Not authorized'],
  ['paused', 'Paused, idle'],
]
const MARKS: readonly (readonly [ChartMarkKind, string])[] = [
  ['drop', 'Loss'],
  ['retry', 'Failed retry'],
  ['poll', 'Poll'],
  ['gap', 'Gap'],
  ['reload', 'Reload order'],
  ['wake', 'Wake-up'],
  ['start', 'Start'],
]

const entry = (label: string, symbol: SVGElement) =>
  element('li', {}, svgElement('svg', { viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, symbol), label)

const swatch = (phase: Phase): SVGElement =>
  svgElement('rect', {
    class: `phase ${phase}`,
    x: '-7',
    y: phase === 'online' ? '-3' : '-6',
    width: '14',
    height: phase === 'online' ? '6' : '12',
    rx: '2',
    ...fillOf(phase),
  })

/** What the fills and shapes of the chart mean. */
export const createLegend = (): HTMLElement =>
  element(
    'ul',
    { class: 'legend' },
    ...PHASES.map(([phase, label]) => entry(label, swatch(phase))),
    ...MARKS.map(([kind, label]) => entry(label, glyph(kind))),
  )
