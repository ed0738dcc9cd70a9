import { set } from '../dom/dom'

/**
 * One stop for the keyboard among many things: arrows, Home and End lead from one to the next. The things change under the
 * reader's feet; the one that is gone is followed by its neighbour.
 */
export interface Stroll {
  /** The things, in the order they are visited, and what brings the picture into that order. */
  update(things: readonly SVGGElement[], arrange: () => void): void
}

export function createStroll(root: SVGElement): Stroll {
  let things: readonly SVGGElement[] = []
  let current: SVGGElement | undefined

  function choose(next: SVGGElement | undefined) {
    current = next
    for (const thing of things) set(thing, 'tabindex', thing === current ? '0' : '-1')
  }

  root.addEventListener('focusin', ({ target }) => {
    const found = things.find((thing) => thing === target)
    if (found) choose(found)
  })
  root.addEventListener('keydown', (event) => {
    const here = current ? things.indexOf(current) : -1
    const steps: Record<string, number> = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      Home: 0,
      End: things.length - 1,
    }
    const to = steps[event.key]
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    things[Math.min(Math.max(to, 0), things.length - 1)]?.focus()
  })

  return {
    update(next, arrange) {
      const before = current ? things.indexOf(current) : next.length
      const isGone = current === undefined || !next.includes(current)
      const hadFocus = current !== undefined && (root.getRootNode() as ShadowRoot).activeElement === current
      things = next
      choose(isGone ? next[Math.min(Math.max(before, 0), next.length - 1)] : current)
      arrange()
      if (isGone && hadFocus) current?.focus()
    },
  }
}
