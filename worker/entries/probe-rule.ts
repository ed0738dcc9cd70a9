import type { Rule } from '../../shared/option-rules'
import { either, isFunction } from '../checks'
import { isUrl } from '../common-options'

/** The rule for the option `probe` of links to WebSocket servers. */
export const PROBE_RULE: Rule = [
  either(isFunction, isUrl),
  'a URL, a path on this origin, or a function (token) => Promise<Response>',
]
