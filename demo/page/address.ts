import type { Kind } from '../server/counts.ts'
import type { Panel } from './source.ts'

/** The panel named by the address. Only the hash names it, so a reload or a shared link shows the same panel. */

export const NAMES = [
  'overview',
  'errors',
  'tmux',
  'queue',
  'nodes',
  'features',
  'bugs',
  'workflow',
  'vault',
] as const
export type Name = (typeof NAMES)[number]

export const WORKFLOWS = ['42', '57', '63'] as const

export const nameOf = (panel: Panel): Name => (typeof panel === 'string' ? panel : panel[0])
export const paramOf = (panel: Panel): string => (typeof panel === 'string' ? '' : (panel[1] ?? ''))

export const hashOf = (panel: Panel): string => `#${typeof panel === 'string' ? panel : panel.join('/')}`

export function panelIn(hash: string): Panel | undefined {
  const [name = '', id = ''] = hash.replace(/^#/, '').split('/')
  if (name === 'workflow') return ['workflow', /^[\w-]{1,40}$/.test(id) ? id : WORKFLOWS[0]]
  return NAMES.filter((each) => each !== 'workflow').find((each) => each === name)
}

/** The query chooses the kind of server, the way the page is connected, and whether it is embedded in the comparison. */
const query = new URLSearchParams(location.search)
export const KIND: Kind = query.has('websocket') ? 'websocket' : 'socketIo'
export const WAY = query.has('compare') ? 'compare' : query.has('per-tab') ? 'perTab' : 'partyline'
export const IS_EMBEDDED = query.has('embed')

const WORDS = { socketIo: '', websocket: 'websocket', partyline: '', perTab: 'per-tab', compare: 'compare' }

/** The address of this page for another kind of server, or another way. */
export function addressOf(kind: Kind, way: typeof WAY, ...more: readonly string[]): string {
  const words = [WORDS[kind], WORDS[way], ...more].filter((word) => word !== '')
  return words.length === 0 ? './' : `./?${words.join('&')}`
}
