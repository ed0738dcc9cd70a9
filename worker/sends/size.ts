import { isObject } from '../checks'

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
      isPlain &&= size !== undefined || isPlainPart(part)
      bytes += size ?? 0
      return size === undefined ? part : null
    })
    return { length: bytes + (text?.length ?? 0), isPlain }
  } catch {
    return { length: 0, isPlain: false }
  }
}

function bytesOf(part: unknown): number | undefined {
  if (part instanceof ArrayBuffer) return part.byteLength
  if (ArrayBuffer.isView(part)) return part.buffer instanceof ArrayBuffer ? part.byteLength : undefined
  return part instanceof Blob ? part.size : undefined
}

function isPlainPart(part: unknown): boolean {
  if (!isObject(part)) return typeof part !== 'function' && typeof part !== 'symbol'
  const prototype = Object.getPrototypeOf(part)
  return prototype === null || prototype === Object.prototype
}
