import { PartylineError } from '../../shared/errors'
import type { Rule } from '../../shared/option-rules'
import { isFunction } from '../checks'
import type { SendTo } from '../dialect/dialect'

/** The rule for the option `sendTo`. */
export const SEND_TO: Rule = [isFunction, 'a function (name, payload) => room']

/** Reads `sendTo`. Throws `bad-option` where it is missing, or where all rooms share a connection. */
export function readSendTo(
  { sends, sendTo }: { readonly sends?: unknown; readonly sendTo?: unknown },
  isPerRoom: boolean,
): { readonly sendTo?: SendTo } {
  if (isPerRoom ? sends !== undefined && sendTo === undefined : sendTo !== undefined)
    throw new PartylineError(
      'bad-option',
      isPerRoom
        ? 'serve: with "sends", give "sendTo" as well, a function (name, payload) => room: it says over which room a message goes.'
        : 'serve: leave out "sendTo", because one connection serves all rooms.',
    )
  return sendTo === undefined ? {} : { sendTo: sendTo as SendTo }
}
