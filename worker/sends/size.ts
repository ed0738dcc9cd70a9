import { isObject, isPlain as isPlainObject } from '../checks'

/** How long a payload is, and of what. */
export interface Size {
  /** The length of its JSON text, and the bytes of what is binary; 0 for what JSON cannot write, which is left to the link. */
  readonly length: number
  /** Whether it has nothing but JSON's values, dates and binary data: only these can be kept. */
  readonly isPlain: boolean
}

export function sizeOf(payload: unknown): Size {
  let bytes = 0
  let isPlain = true
  try {
    const text = JSON.stringify(payload, (_, part: unknown) => {
      const size = bytesOf(part)
      const isKeepable = isObject(part)
        ? isPlainObject(part)
        : typeof part !== 'function' && typeof part !== 'symbol'
      isPlain &&= size !== undefined || isKeepable
      bytes += size ?? 0
      return size === undefined ? part : null
    })
    return { length: bytes + (text?.length ?? 0), isPlain }
  } catch {
    return { length: 0, isPlain: false }
  }
}

function bytesOf(part: unknown): number | undefined {
  // A copy of a view is a copy of its whole buffer.
  if (ArrayBuffer.isView(part)) return bytesOf(part.buffer)
  if (part instanceof ArrayBuffer) return part.byteLength
  return part instanceof Blob ? part.size : undefined
}
