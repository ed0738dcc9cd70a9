import { isObject, isPlain } from '../checks'

/**
 * The length of a payload: that of its JSON text, and the bytes of what is binary. `undefined` for a payload that a database cannot
 * store, or JSON cannot write: only JSON's values, dates and binary data can be kept.
 */
export function sizeOf(payload: unknown): number | undefined {
  let bytes = 0
  try {
    const text = JSON.stringify(payload, (_, part: unknown) => {
      const size = bytesOf(part)
      if (size === undefined) {
        if (isObject(part) ? !isPlain(part) : typeof part === 'function' || typeof part === 'symbol')
          throw new TypeError()
        return part
      }
      bytes += size
      return null
    })
    return bytes + (text?.length ?? 0)
  } catch {
    return undefined
  }
}

function bytesOf(part: unknown): number | undefined {
  // A copy of a view is a copy of its whole buffer.
  if (ArrayBuffer.isView(part)) return bytesOf(part.buffer)
  if (part instanceof ArrayBuffer) return part.byteLength
  return part instanceof Blob ? part.size : undefined
}
