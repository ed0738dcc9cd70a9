/** A pseudo-random number from 0 to 1 that depends on its arguments only: the same seed always gives the same number. */
export function random(...seed: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const char of seed.join('/')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

export const pick = <T>(from: readonly T[], ...seed: readonly (string | number)[]): T =>
  from[Math.floor(random(...seed) * from.length)] as T

/** A smooth curve between 0 and 1 that changes direction about once per `period` ms. */
function curve(name: string, at: number, period: number): number {
  const step = Math.floor(at / period)
  const part = at / period - step
  const eased = part * part * (3 - 2 * part)
  return random(name, step) * (1 - eased) + random(name, step + 1) * eased
}

/** A value between two bounds that changes slowly, with small fast changes on top. */
export function noise(name: string, at: number, least: number, most: number): number {
  const mixed =
    0.55 * curve(`${name}~`, at, 47_000) + 0.3 * curve(name, at, 11_000) + 0.15 * curve(`${name}!`, at, 1700)
  return least + mixed * (most - least)
}
