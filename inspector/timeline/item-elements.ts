import { setAttribute, svgElement } from '../dom/elements'
import { fillOf } from './fill-patterns'
import { glyph } from './glyph'
import type { MarkItem, SpanItem } from './items'
import type { Scale } from './scale'

/**
 * The vertical position of marks, in px from the top. The band of spans is below all lanes but that of polls. Kinds that
 * often happen together have separate lanes, so that they do not cover each other: the first retry follows right after a loss.
 */
const LANES: Readonly<Record<MarkItem['kind'], number>> = {
  reload: 8,
  start: 8,
  wake: 8,
  gap: 22,
  drop: 35,
  retry: 48,
  poll: 88,
}
export const BAND_MIDDLE = 66
/** The band is thin while the connection is up, so that problems stand out. */
const BAND_HEIGHTS: Partial<Readonly<Record<SpanItem['kind'], number>>> = { online: 8, connecting: 16 }
const BAND_HEIGHT = 24
export const TICK_BOTTOM = 96

/** The least width of a span, in px, so that a short one is visible. */
const LEAST_WIDTH = 2
/** A mark can be hit this many px from its middle. */
const HIT_RADIUS = 12
/** Retries of a cluster that are closer than this are drawn as one line, in px. */
const RETRY_STEP = 4
/** Marks keep this distance from the edges, in px. */
const MARGIN = 7

export const px = (value: number): string => value.toFixed(1)

/** The SVG elements of the chart's items. An item keeps its element for as long as it is in the chart. */
export interface ItemElements {
  span(item: SpanItem, scale: Scale): SVGGElement
  mark(item: MarkItem, scale: Scale): SVGGElement
  /** Removes items that were not drawn since the last call. */
  removeUndrawn(): void
  /** The description of an element's item; `undefined` if that was removed. */
  text(node: Element): string | undefined
  all(): Iterable<Element>
}

export function createItemElements(): ItemElements {
  const nodes = new Map<string, SVGGElement>()
  const texts = new Map<Element, string>()
  const drawn = new Set<string>()

  function nodeOf({ key, text }: SpanItem | MarkItem, create: () => readonly SVGElement[]): SVGGElement {
    const node = nodes.get(key) ?? svgElement('g', { class: 'item', role: 'img' }, ...create())
    nodes.set(key, node)
    texts.set(node, text)
    drawn.add(key)
    setAttribute(node, 'aria-label', text)
    return node
  }

  function createBand(kind: SpanItem['kind']): SVGElement {
    const height = BAND_HEIGHTS[kind] ?? BAND_HEIGHT
    return svgElement('rect', {
      class: `phase ${kind}`,
      y: String(BAND_MIDDLE - height / 2),
      height: String(height),
      rx: '2.5',
      ...fillOf(kind),
    })
  }

  const createHitArea = () =>
    svgElement('rect', {
      class: 'hit-area',
      x: String(-HIT_RADIUS),
      y: '-8',
      width: String(2 * HIT_RADIUS),
      height: '16',
      rx: '4',
    })

  return {
    span(item, scale) {
      const node = nodeOf(item, () => [createBand(item.kind)])
      const left = Math.max(0, scale.x(item.from))
      for (const rect of node.children) {
        setAttribute(rect, 'x', px(left))
        // 1 px less, so that there is space between neighbours.
        setAttribute(rect, 'width', px(Math.max(LEAST_WIDTH, scale.x(item.to) - left - 1)))
      }
      return node
    },
    mark(item, scale) {
      const node = nodeOf(item, () => [createHitArea(), glyph(item.kind)])
      const x = Math.min(Math.max(scale.x((item.from + item.to) / 2), MARGIN), scale.width - MARGIN)
      setAttribute(node, 'transform', `translate(${px(x)} ${LANES[item.kind]})`)
      // A cluster of retries has a line for each.
      if (item.kind === 'retry' && node.lastElementChild) {
        const offsets = new Set(
          item.times.map((at) => Math.round((scale.x(at) - x) / RETRY_STEP) * RETRY_STEP),
        )
        setAttribute(node.lastElementChild, 'd', [...offsets].map((offset) => `M${offset} -4V4`).join(''))
      }
      return node
    },
    removeUndrawn() {
      for (const [key, node] of nodes) {
        if (drawn.has(key)) continue
        nodes.delete(key)
        texts.delete(node)
      }
      drawn.clear()
    },
    text: (node) => texts.get(node),
    all: () => texts.keys(),
  }
}
