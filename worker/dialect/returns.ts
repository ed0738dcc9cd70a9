import type { Rule } from '../../shared/option-rules'
import { either, isBoolean, isObject, list, object, optional, type Shape, text } from '../checks'
import type { Dialect } from './dialect'

const isText = text()
const isNamed: Shape = (value) => isObject(value) && typeof value['name'] === 'string'
const isNumber: Shape = (value) => typeof value === 'number' || value === null

const MESSAGE: Rule = [isNamed, '{ name, payload } with a string as name']
const ROOMS: Rule = [optional(either(isText, list(isText))), 'a string, an array of strings, or undefined']

/** What the parts of a dialect, and `route`, must return. */
const RULES = {
  join: MESSAGE,
  leave: MESSAGE,
  denial: [optional(isText), 'the reason as a string, or undefined'],
  refusal: [isBoolean, 'true or false'],
  // `read` checks which string it is.
  kind: [isText, "'data', 'system', 'joined', 'denied' or 'reload'"],
  verdict: [
    optional(object({ room: isText, reason: optional(isText), recovered: optional(isBoolean) })),
    '{ room, reason, recovered? } with strings and a boolean, or undefined',
  ],
  order: [
    object({ version: optional(isText), message: optional(isText) }),
    '{ version?, message? } with strings',
  ],
  room: ROOMS,
  route: ROOMS,
  event: [isNamed, '{ name, data } with a string as name'],
  seq: [optional(isNumber), 'a number, or undefined'],
  position: [optional(either(isText, isNumber)), 'a string, a number, or undefined'],
  resume: MESSAGE,
  send: MESSAGE,
  answer: [optional(object({ id: isText })), '{ id, data } with a string as id, or undefined'],
  failure: [optional(isText), "the server's words as a string, or undefined"],
  version: [optional(isText), 'the version as a string, or undefined'],
} as const satisfies Record<keyof Dialect | 'route', Rule>

/** Checks what a part of a dialect has returned. Throws an error that says what it should return. */
export function check(part: keyof typeof RULES, value: unknown): void {
  if (!RULES[part][0](value)) throw wrong(part)
}

export const wrong = (part: keyof typeof RULES): TypeError =>
  new TypeError(`"${part}" should return ${RULES[part][1]}`)
