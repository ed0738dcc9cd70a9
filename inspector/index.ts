import { PartylineInspector } from './element'

export { type InspectedLine, PartylineInspector } from './element'
export type { InspectorProps } from './frameworks'

// Two copies of this file on one page are one too many for the registry; and on a server there is none.
if (globalThis.customElements?.get('partyline-inspector') === undefined) {
  globalThis.customElements?.define('partyline-inspector', PartylineInspector)
}
