import { PartylineError } from '../../shared/errors'
import type { Rule } from '../../shared/option-rules'
import { isFunction } from '../checks'
import { messageOf } from '../thrown'
import type { RoomOf } from './sender'

/** The rule for the option `sendTo`. */
export const SEND_TO: Rule = [isFunction, 'a function (name, payload) => room']

type SendTo = (name: string, payload: unknown) => unknown

interface SendOptions {
  readonly sends?: unknown
  readonly sendTo?: unknown
}

/** Reads `sendTo`. Throws `bad-option` where it is missing, or where all rooms share a connection. */
export function readSendTo({ sends, sendTo }: SendOptions, isPerRoom: boolean): RoomOf | undefined {
  if (isPerRoom ? sends !== undefined && sendTo === undefined : sendTo !== undefined)
    throw new PartylineError(
      'bad-option',
      isPerRoom
        ? 'serve: with "sends", give "sendTo" as well, a function (name, payload) => room: it says over which room a message goes.'
        : 'serve: leave out "sendTo", because one connection serves all rooms.',
    )
  return sendTo === undefined ? undefined : (name, payload) => roomBy(sendTo as SendTo, name, payload)
}

function roomBy(sendTo: SendTo, name: string, payload: unknown): string {
  let why = 'returned no room'
  try {
    const room = sendTo(name, payload)
    if (typeof room === 'string') return room
  } catch (error) {
    why = `threw "${messageOf(error)}"`
  }
  throw new PartylineError('bad-argument', `"${name}" was not sent: the option "sendTo" of serve ${why}.`)
}
