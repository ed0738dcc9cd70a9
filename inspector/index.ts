import { PartylineInspector } from './element'

export { type InspectedLine, PartylineInspector } from './element'
export type { InspectorProps } from './frameworks'

// Defining a name twice throws, so a second copy of this file on the page must not. On a server there is no registry.
if (globalThis.customElements?.get('partyline-inspector') === undefined) {
  globalThis.customElements?.define('partyline-inspector', PartylineInspector)
}
