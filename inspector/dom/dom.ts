type Attributes = Readonly<Record<string, string>>

function dress<E extends Element>(made: E, attributes: Attributes, children: readonly (Node | string)[]): E {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** An element with attributes and children: text is always text. */
export const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] => dress(document.createElement(name), attributes, children)

/** The same for a picture. */
export const drawing = <Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[Name] =>
  dress(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)

/** Sets a text. One that stays is not touched: what is selected or being read out stays so. */
export function say(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** Sets an attribute that is not so already; `undefined` removes it. */
export function set(node: Element, name: string, value: string | undefined): void {
  if (value === undefined) node.removeAttribute(name)
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value)
}

/** Brings children into this order. Those that stay where they are keep focus and selection. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const kept = new Set(children)
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove()
  children.forEach((child, index) => {
    const there = parent.children[index]
    if (there !== child) parent.insertBefore(child, there ?? null)
  })
}
