/**
 * Whether a value has a shape. Values from an app, a page or a database are checked once, where they come in, and trusted
 * after that.
 */
export type Shape = (value: unknown) => boolean

type Fields = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object that is of no class. */
export function isPlain(value: unknown): boolean {
  if (!isObject(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

export const isFunction: Shape = (value) => typeof value === 'function'

export const isBoolean: Shape = (value) => typeof value === 'boolean'

export const exactly =
  (expected: unknown): Shape =>
  (value) =>
    value === expected

export const text =
  (longest = Infinity, shortest = 0): Shape =>
  (value) =>
    typeof value === 'string' && value.length >= shortest && value.length <= longest

export const number =
  (least = -Infinity, most = Infinity): Shape =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most

export const whole =
  (least: number, most: number): Shape =>
  (value) =>
    Number.isInteger(value) && number(least, most)(value)

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value)

export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value))

export const list =
  (each: Shape, most = Infinity, least = 0): Shape =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(each)

/** A list of exactly these parts. */
export const tuple =
  (...parts: readonly Shape[]): Shape =>
  (value) =>
    Array.isArray(value) && value.length <= parts.length && parts.every((part, index) => part(value[index]))

/** An object with these parts; it may have others. */
export const object =
  (parts: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isObject(value) && Object.entries(parts).every(([name, part]) => part(value[name]))

/** An object with these parts and no others. */
export const only =
  (parts: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    object(parts)(value) && Object.keys(value as Fields).every((name) => Object.hasOwn(parts, name))
