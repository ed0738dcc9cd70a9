import type { Dialect } from './dialect'

type Part = 'join' | 'leave' | 'denial' | 'refusal' | 'version'

/** Asks a dialect what to say to a server, or what its answer means; `undefined` where it threw. */
export type Speech = <Asked extends Part>(
  part: Asked,
  about: Parameters<Dialect[Asked]>[0],
) => { readonly said: ReturnType<Dialect[Asked]> } | undefined

/** Speaks a dialect. A part of an app's own that throws fails alone: it is told of, once on the console. */
export function createSpeech(dialect: Dialect, malformed: () => void): Speech {
  const warned = new Set<Part>()
  return (part, about) => {
    try {
      return { said: (dialect[part] as (about: unknown) => never)(about) }
    } catch (error) {
      malformed()
      if (!warned.has(part)) console.warn(`[partyline] The dialect's "${part}" threw: ${error}`)
      warned.add(part)
      return undefined
    }
  }
}
