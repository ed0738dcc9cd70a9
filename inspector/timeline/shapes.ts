import { drawing, set } from '../dom/dom'
import { fillOf, glyph } from './glyph'
import type { MarkItem, SpanItem } from './items'
import type { Scale } from './scale'

/**
 * Where marks stand, in px from the top: one lane over the other, the band below them, and polls under it. Marks that come
 * together have lanes of their own, so that none hides another: the first retries fail right after a loss.
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
/** The band is thin where all is well, so that the rest is seen at once. */
export const MIDDLE = 66
const HEIGHTS: Partial<Readonly<Record<SpanItem['kind'], number>>> = { online: 8, connecting: 16 }
const HEIGHT = 24
export const BOTTOM = 96

/** The width of the shortest span, which is to be seen too. */
const LEAST = 2
/** A pointer or a finger may be so far from the middle of a mark. */
const REACH = 12
/** The lines of two retries are at least so far apart. */
const APART = 4
/** A mark at the very end is drawn so far from it. */
const MARGIN = 7

export const px = (value: number): string => value.toFixed(1)

/** The picture's shapes, each of which lives as long as what it stands for is within the picture. */
export interface Shapes {
  span(item: SpanItem, scale: Scale): SVGGElement
  mark(item: MarkItem, scale: Scale): SVGGElement
  /** Forgets what was not drawn since the last time. */
  sweep(): void
  /** What a shape stands for, in words; `undefined` for one that is gone. */
  text(shape: Element): string | undefined
  all(): Iterable<Element>
}

export function createShapes(): Shapes {
  const shapes = new Map<string, SVGGElement>()
  const texts = new Map<Element, string>()
  const drawn = new Set<string>()

  function shapeOf({ key, text }: SpanItem | MarkItem, make: () => readonly SVGElement[]): SVGGElement {
    const shape = shapes.get(key) ?? drawing('g', { class: 'item', role: 'img' }, ...make())
    shapes.set(key, shape)
    texts.set(shape, text)
    drawn.add(key)
    set(shape, 'aria-label', text)
    return shape
  }

  function band(kind: SpanItem['kind']): SVGElement {
    const fill = fillOf(kind)
    const height = HEIGHTS[kind] ?? HEIGHT
    return drawing('rect', {
      class: `phase ${kind}`,
      y: String(MIDDLE - height / 2),
      height: String(height),
      rx: '2.5',
      ...(fill !== undefined && { fill }),
    })
  }

  const reach = () =>
    drawing('rect', {
      class: 'reach',
      x: String(-REACH),
      y: '-8',
      width: String(2 * REACH),
      height: '16',
      rx: '4',
    })

  return {
    span(item, scale) {
      const shape = shapeOf(item, () => [band(item.kind)])
      const left = Math.max(0, scale.x(item.from))
      for (const rect of shape.children) {
        set(rect, 'x', px(left))
        // A px is left free, so that neighbours can be told apart.
        set(rect, 'width', px(Math.max(LEAST, scale.x(item.to) - left - 1)))
      }
      return shape
    },
    mark(item, scale) {
      const shape = shapeOf(item, () => [reach(), glyph(item.kind)])
      const x = Math.min(Math.max(scale.x((item.from + item.to) / 2), MARGIN), scale.width - MARGIN)
      set(shape, 'transform', `translate(${px(x)} ${LANES[item.kind]})`)
      // Retries show how thick they come.
      if (item.kind === 'retry' && shape.lastElementChild) {
        const places = new Set(item.times.map((at) => Math.round((scale.x(at) - x) / APART) * APART))
        set(shape.lastElementChild, 'd', [...places].map((place) => `M${place} -4V4`).join(''))
      }
      return shape
    },
    sweep() {
      for (const [key, shape] of shapes) {
        if (drawn.has(key)) continue
        shapes.delete(key)
        texts.delete(shape)
      }
      drawn.clear()
    },
    text: (shape) => texts.get(shape),
    all: () => texts.keys(),
  }
}
