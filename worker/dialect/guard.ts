import type { Warn } from '../warnings'
import type { Dialect } from './dialect'
import { check } from './returns'

type Part = 'join' | 'leave' | 'denial' | 'refusal' | 'version'

/** Joins a dialect what to say to a server, or what its answer means; `undefined` where it threw or returned nonsense. */
export type Guard = <Asked extends Part>(
  part: Asked,
  about: Parameters<Dialect[Asked]>[0],
) => { readonly said: ReturnType<Dialect[Asked]> } | undefined

export interface GuardParts {
  readonly malformed: () => void
  readonly warn: Warn
}

/** Speaks a dialect. A part of an app's own that throws or returns nonsense fails alone: it is told of, once on the console. */
export function createGuard(dialect: Dialect, { malformed, warn }: GuardParts): Guard {
  return (part, about) => {
    try {
      const said = (dialect[part] as (about: unknown) => never)(about)
      check(part, said)
      return { said }
    } catch (error) {
      malformed()
      warn(`dialect ${part}`, `The dialect's "${part}" failed: ${error}. Correct it in the worker file.`)
      return undefined
    }
  }
}
