import { isObject } from '../checks'

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
        if (!isPlain(part)) throw new TypeError()
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
  if (part instanceof ArrayBuffer) return part.byteLength
  if (ArrayBuffer.isView(part)) return part.buffer instanceof ArrayBuffer ? part.byteLength : undefined
  return part instanceof Blob ? part.size : undefined
}

function isPlain(part: unknown): boolean {
  if (!isObject(part)) return typeof part !== 'function' && typeof part !== 'symbol'
  const prototype = Object.getPrototypeOf(part)
  return prototype === null || prototype === Object.prototype
}
