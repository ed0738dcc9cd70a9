type Attributes = Readonly<Record<string, string>>

function withContent<E extends Element>(
  node: E,
  attributes: Attributes,
  children: readonly (Node | string)[],
): E {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

/** Creates an element with attributes and children. A string becomes text, never markup. */
export const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] => withContent(document.createElement(name), attributes, children)

export const svgElement = <Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[Name] =>
  withContent(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)

/** Sets the text if it differs, so that a selection and a screen reader's place are kept. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** Sets an attribute if it differs; `undefined` removes it. */
export function setAttribute(node: Element, name: string, value: string | undefined): void {
  if (value === undefined) node.removeAttribute(name)
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value)
}

/** Makes these the children, in this order. A child that is already in its place is not moved and keeps its focus. */
export function setChildren(parent: Element, children: readonly Element[]): void {
  const kept = new Set(children)
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove()
  children.forEach((child, index) => {
    const present = parent.children[index]
    if (present !== child) parent.insertBefore(child, present ?? null)
  })
}
