/** Chance that can be asked about any place and moment: the same question always has the same answer, from 0 to 1. */
export function chance(...place: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const char of place.join('/')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

export const pick = <T>(from: readonly T[], ...place: readonly (string | number)[]): T =>
  from[Math.floor(chance(...place) * from.length)] as T

/** A curve from 0 to 1 that turns about once in `period` ms. */
function curve(name: string, at: number, period: number): number {
  const place = at / period
  const left = Math.floor(place)
  const part = place - left
  const eased = part * part * (3 - 2 * part)
  return chance(name, left) * (1 - eased) + chance(name, left + 1) * eased
}

/** A value that wanders between two bounds: slow tides, with a little unrest on top. */
export function wander(name: string, at: number, least: number, most: number): number {
  const mixed =
    0.55 * curve(`${name}~`, at, 47_000) + 0.3 * curve(name, at, 11_000) + 0.15 * curve(`${name}!`, at, 1700)
  return least + mixed * (most - least)
}
