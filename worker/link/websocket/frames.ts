import { isObject } from '../../checks'
import type { Message } from '../../dialect/dialect'
import type { Arrival } from '../link'

/** Reads what came as one message of a WebSocket. Returns its frames: JSON values, most often objects. */
export type Decode = (data: string | ArrayBuffer) => unknown

/** One JSON value, an array of them, or one on each line. */
export const decodeJson: Decode = (data) => {
  const text = typeof data === 'string' ? data : new TextDecoder().decode(data)
  try {
    return JSON.parse(text)
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    if (lines.length < 2) throw error
    return lines.map((line) => JSON.parse(line))
  }
}

const sizeOf = (data: string | ArrayBuffer) => (typeof data === 'string' ? data.length : data.byteLength)

/** The frames of a message, each named by its `type`, or else by the room whose connection it came over. Throws what `decode` throws. */
export function framesIn(
  data: string | ArrayBuffer,
  decode: Decode,
  room: string | undefined,
): readonly Arrival[] {
  const decoded = decode(data)
  const frames = Array.isArray(decoded) ? decoded : [decoded]
  const size = sizeOf(data)
  return frames.map((payload) => ({
    name: isObject(payload) && typeof payload['type'] === 'string' ? payload['type'] : (room ?? ''),
    payload,
    ...(room !== undefined && { room }),
    size: Math.ceil(size / frames.length),
    // The text of a list is not that of the frame in it.
    ...(decoded === payload && typeof data === 'string' && decode === decodeJson && { text: data }),
  }))
}

/** Throws for what JSON would write as an empty object: binary data, a `Map`, a `Set`. */
function expectJson(_: string, part: unknown): unknown {
  const kind = Object.prototype.toString.call(part)
  if (isObject(part) && kind !== '[object Object]') throw new TypeError(`JSON cannot write ${kind}`)
  return part
}

/** The name wins over a field of the payload: a page's payload must not make another message of it. */
export function encodeJson({ name, payload }: Message): string {
  const fields = isObject(expectJson('', payload)) ? payload : { data: payload }
  return JSON.stringify(Object.assign({ type: name }, fields, { type: name }), expectJson)
}
