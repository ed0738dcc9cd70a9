import { arrange, drawing, element, say, set } from '../dom/dom'
import { patterns } from './glyph'
import { markItems, spanItems } from './items'
import { createStroll } from './keyboard'
import { createLegend } from './legend'
import type { Mark } from './marks'
import { recap } from './recap'
import { createScale, type Scale } from './scale'
import { BOTTOM, createShapes, MIDDLE, px } from './shapes'
import type { Span } from './spans'

const HEIGHT = 114
/** Half the width of a letter of a tick's label, in px and at the most. */
const HALF = 3.6

/** What is to be seen: phases and marks of the last `length` ms before `now`. */
export interface View {
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
  readonly length: number
  readonly now: number
}

export interface Picture {
  readonly root: HTMLElement
  update(view: View): void
  /** Follows the width it is given, until `stop`. */
  start(): void
  stop(): void
}

/** The link's timeline as a picture: phases as a band, what happened as marks over it, and a line that tells of one. */
export function createPicture(): Picture {
  const ticks = drawing('g', { class: 'ticks', 'aria-hidden': 'true' })
  const blank = drawing('path', { class: 'blank', 'aria-hidden': 'true' })
  const band = drawing('g')
  const marks = drawing('g')
  const svg = drawing(
    'svg',
    {
      class: 'timeline',
      role: 'group',
      'aria-label': 'Timeline of the link. Arrow keys lead from mark to mark.',
      height: String(HEIGHT),
    },
    patterns(),
    ticks,
    blank,
    band,
    marks,
  )
  const readout = element('p', { class: 'readout' })
  const shapes = createShapes()
  const stroll = createStroll(svg)
  let view: View | undefined
  let width = 0
  /** What is told while nothing is pointed at. */
  let rest = ''
  let pointed: Element | undefined

  /** Tells of what is pointed at, else of what has the focus. */
  function tell() {
    const all = [...shapes.all()]
    const told = all.find((shape) => shape === pointed) ?? all.find((shape) => shape.matches(':focus'))
    for (const shape of all) set(shape, 'data-told', shape === told ? '' : undefined)
    say(readout, (told && shapes.text(told)) ?? rest)
  }

  function point(target: EventTarget | null) {
    pointed = target instanceof Element ? (target.closest('.item') ?? undefined) : undefined
    tell()
  }

  svg.addEventListener('pointerover', ({ target }) => point(target))
  // A finger that is lifted leaves as well, and wants to read.
  svg.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && point(null))
  svg.addEventListener('focusin', tell)
  svg.addEventListener('focusout', tell)

  function drawTicks(scale: Scale) {
    const drawn = scale.ticks.flatMap(({ at, label }) => {
      const x = scale.x(at)
      // A label stands under its line, but for what would not fit into the picture.
      const half = label.length * HALF
      const middle = Math.min(Math.max(x, half), scale.width - half)
      return [
        drawing('path', { d: `M${px(x)} 0V${BOTTOM}` }),
        drawing('text', { x: px(middle), y: String(HEIGHT - 4), 'text-anchor': 'middle' }, label),
      ]
    })
    ticks.replaceChildren(...drawn)
  }

  function draw() {
    if (!view || width === 0) return
    const scale = createScale(view.length, view.now, width)
    set(svg, 'viewBox', `0 0 ${width} ${HEIGHT}`)
    set(blank, 'd', `M0 ${MIDDLE}H${width}`)
    drawTicks(scale)
    const spans = spanItems(view.spans, scale).map((item) => ({ item, shape: shapes.span(item, scale) }))
    const points = markItems(view.marks, scale).map((item) => ({ item, shape: shapes.mark(item, scale) }))
    shapes.sweep()
    const visited = [...spans, ...points].sort((a, b) => a.item.from - b.item.from)
    stroll.update(
      visited.map(({ shape }) => shape),
      () => {
        arrange(
          band,
          spans.map(({ shape }) => shape),
        )
        arrange(
          marks,
          points.map(({ shape }) => shape),
        )
      },
    )
    rest = recap(view.spans, view.marks, scale)
    tell()
  }

  const observer = new ResizeObserver(([entry]) => {
    const next = Math.round(entry?.contentRect.width ?? 0)
    if (next === width) return
    width = next
    draw()
  })

  return {
    root: element('div', { class: 'picture' }, svg, readout, createLegend()),
    update(next) {
      view = next
      draw()
    },
    start: () => observer.observe(svg),
    stop: () => observer.disconnect(),
  }
}
