import type { Arrival } from '../link'
import { mayHavePosition, type Raw } from './internals'
import type { PositionReader } from './position'

/** Reads the packet of an event. `positions` belongs to the session; absent where the server cannot recover it. */
export function arrivalOf(packet: Raw, positions?: PositionReader): Arrival {
  const { data, size = 0, text: raw } = packet
  const [name, ...args]: unknown[] = data
  const position = mayHavePosition(packet) ? positions?.read(args) : undefined
  if (position !== undefined) args.pop()
  const text = args.length === 1 && raw !== undefined ? payloadIn(raw, name, position) : undefined
  return {
    name: String(name),
    payload: args[0],
    size,
    ...(position !== undefined && { position }),
    ...(text !== undefined && { text }),
  }
}

/** How Socket.IO begins the packet of an event: type, namespace, id of the acknowledgement, and the list of arguments. */
const START = /^2(?:\/[^,]*,)?\d*\[/

/** The payload in `2["name",payload]` or `2["name",payload,"position"]`; `undefined` where the text is written otherwise. */
function payloadIn(raw: string, name: unknown, position: string | undefined): string | undefined {
  const [start] = START.exec(raw) ?? []
  if (start === undefined) return undefined
  const head = `${start}${JSON.stringify(name)},`
  const tail = position === undefined ? ']' : `,${JSON.stringify(position)}]`
  return raw.startsWith(head) && raw.endsWith(tail) ? raw.slice(head.length, -tail.length) : undefined
}
