import type { Rule } from '../../shared/option-rules'
import { either, isObject, list, number, text } from '../checks'
import type { Dialect } from '../dialect/dialect'
import type { CreateKept } from './kept'
import { createPermits } from './permits'
import type { RoomOf } from './sender'
import { createSends, type Sends, type SendsParts } from './sends'

/** An option of servers that acknowledge what they are sent. */
export interface KeepForOption {
  /**
   * How long a message that a page sends with `keep` is tried, in ms, at most 30 days. After that it expires.
   * @default 3600000
   */
  readonly keepFor?: number
}

/** The rule for what pages may send. */
export const SENDS: Rule = [
  either(isObject, list(text(Infinity, 1))),
  'an array of names, an object with a schema for each name, or `{} as Sends` for the compiler alone',
]

/** The rule for how long messages are kept. */
export const KEEP_FOR: Rule = [number(1, 30 * 86_400_000), 'a number of milliseconds from 1 to 30 days']

/** How messages of pages reach one kind of server. */
export interface Sending {
  readonly dialect: Dialect
  /** What pages may not send, besides the names by which the dialect joins, leaves and resumes. */
  readonly reserved?: readonly string[]
  /** Absent where one connection serves all rooms. */
  readonly roomOf?: RoomOf | undefined
  /** Absent where the server acknowledges nothing. */
  readonly createKept?: CreateKept
}

/** Makes the part of a worker that sends messages of pages. */
export type CreateSends = (parts: Omit<SendsParts, 'permits' | 'roomOf' | 'keepFor' | 'createKept'>) => Sends

interface Options extends KeepForOption {
  readonly sends?: readonly string[] | object
}

/** Reads the options about messages of pages, once they are checked. Throws `bad-option`. */
export function readSends(options: Options, { dialect, reserved, ...own }: Sending): CreateSends {
  const { sends, keepFor = 3_600_000 } = options
  const permits = createPermits(sends, dialect, reserved)
  return (parts) => createSends({ ...parts, ...own, permits, keepFor })
}
