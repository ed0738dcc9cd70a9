import { setAttribute } from '../dom/elements'

/**
 * Makes many items one tab stop (a "roving tabindex"): arrow keys, Home and End move between them. If the focused item is
 * removed, its neighbour gets the focus.
 */
export interface KeyboardNavigation {
  /** The items in the order of the arrow keys. `redraw` brings them into the document, and is called before focus moves. */
  update(items: readonly SVGGElement[], redraw: () => void): void
}

export function createKeyboardNavigation(root: SVGElement): KeyboardNavigation {
  let items: readonly SVGGElement[] = []
  let current: SVGGElement | undefined

  function setCurrent(next: SVGGElement | undefined) {
    current = next
    for (const item of items) setAttribute(item, 'tabindex', item === current ? '0' : '-1')
  }

  root.addEventListener('focusin', ({ target }) => {
    const focused = items.find((item) => item === target)
    if (focused) setCurrent(focused)
  })
  root.addEventListener('keydown', (event) => {
    const index = current ? items.indexOf(current) : -1
    const targets: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      Home: 0,
      End: items.length - 1,
    }
    const target = targets[event.key]
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    items[Math.min(Math.max(target, 0), items.length - 1)]?.focus()
  })

  return {
    update(next, redraw) {
      const index = current ? items.indexOf(current) : next.length
      const isRemoved = current === undefined || !next.includes(current)
      const hadFocus = current !== undefined && (root.getRootNode() as ShadowRoot).activeElement === current
      items = next
      setCurrent(isRemoved ? next[Math.min(Math.max(index, 0), next.length - 1)] : current)
      redraw()
      if (isRemoved && hadFocus) current?.focus()
    },
  }
}
