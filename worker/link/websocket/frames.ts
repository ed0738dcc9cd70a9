import { isObject } from '../../checks'
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
