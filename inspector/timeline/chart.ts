import { element, setAttribute, setChildren, setText, svgElement } from '../dom/elements'
import type { Mark } from '../history/marks'
import type { Span } from '../history/spans'
import { fillPatterns } from './fill-patterns'
import { BAND_MIDDLE, createItemElements, px, TICK_BOTTOM } from './item-elements'
import { markItems, spanItems } from './items'
import { createKeyboardNavigation } from './keyboard-navigation'
import { createLegend } from './legend'
import { summarizeRange } from './range-summary'
import { createScale, type Scale } from './scale'

const HEIGHT = 114
/** Half the width of a character in a tick's label, at most, in px. */
const HALF_CHARACTER = 3.6

/** The spans and marks to draw: those of the last `length` ms before `now`. */
export interface ChartData {
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
  readonly length: number
  readonly now: number
}

/** A band of phases with marks above it, and a line of text that describes the selected item. */
export function createChart() {
  const ticks = svgElement('g', { class: 'ticks', 'aria-hidden': 'true' })
  const baseline = svgElement('path', { class: 'baseline', 'aria-hidden': 'true' })
  const band = svgElement('g')
  const marks = svgElement('g')
  const svg = svgElement(
    'svg',
    {
      class: 'timeline',
      role: 'group',
      'aria-label': 'Timeline of the connection. Arrow keys move between marks.',
      height: String(HEIGHT),
    },
    fillPatterns(),
    ticks,
    baseline,
    band,
    marks,
  )
  const readout = element('p', { class: 'readout' })
  const items = createItemElements()
  const navigation = createKeyboardNavigation(svg)
  let data: ChartData | undefined
  let width = 0
  /** The text while no item is selected. */
  let rangeSummary = ''
  let pointed: Element | undefined

  /** Selects the item under the pointer, else the focused one. */
  function select() {
    const all = [...items.all()]
    const selected = all.find((item) => item === pointed) ?? all.find((item) => item.matches(':focus'))
    for (const item of all) setAttribute(item, 'data-selected', item === selected ? '' : undefined)
    setText(readout, (selected && items.text(selected)) ?? rangeSummary)
  }

  function point(target: EventTarget | null) {
    pointed = target instanceof Element ? (target.closest('.item') ?? undefined) : undefined
    select()
  }

  svg.addEventListener('pointerover', ({ target }) => point(target))
  // Lifting a finger also fires `pointerleave`; the description stays, so that it can be read.
  svg.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && point(null))
  svg.addEventListener('focusin', select)
  svg.addEventListener('focusout', select)

  function drawTicks(scale: Scale) {
    const drawn = scale.ticks.flatMap(({ at, label }) => {
      const x = scale.x(at)
      // A label is centred below its line, unless the edge of the chart would cut it off.
      const half = label.length * HALF_CHARACTER
      const middle = Math.min(Math.max(x, half), scale.width - half)
      return [
        svgElement('path', { d: `M${px(x)} 0V${TICK_BOTTOM}` }),
        svgElement('text', { x: px(middle), y: String(HEIGHT - 4), 'text-anchor': 'middle' }, label),
      ]
    })
    ticks.replaceChildren(...drawn)
  }

  function draw() {
    if (!data || width === 0) return
    const scale = createScale(data.length, data.now, width)
    setAttribute(svg, 'viewBox', `0 0 ${width} ${HEIGHT}`)
    setAttribute(baseline, 'd', `M0 ${BAND_MIDDLE}H${width}`)
    drawTicks(scale)
    const spanNodes = spanItems(data.spans, scale).map((item) => ({ item, node: items.span(item, scale) }))
    const markNodes = markItems(data.marks, scale).map((item) => ({ item, node: items.mark(item, scale) }))
    items.removeUndrawn()
    const ordered = [...spanNodes, ...markNodes].sort((a, b) => a.item.from - b.item.from)
    navigation.update(
      ordered.map(({ node }) => node),
      () => {
        setChildren(
          band,
          spanNodes.map(({ node }) => node),
        )
        setChildren(
          marks,
          markNodes.map(({ node }) => node),
        )
      },
    )
    rangeSummary = summarizeRange(data.spans, data.marks, scale)
    select()
  }

  const observer = new ResizeObserver(([entry]) => {
    const next = Math.round(entry?.contentRect.width ?? 0)
    if (next === width) return
    width = next
    draw()
  })

  return {
    root: element('div', {}, svg, readout, createLegend()),
    update(next: ChartData) {
      data = next
      draw()
    },
    /** Redraws whenever the width changes, until `stop`. */
    start: () => observer.observe(svg),
    stop: () => observer.disconnect(),
  }
}
