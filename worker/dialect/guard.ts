import type { Warn } from '../warnings'
import type { Dialect } from './dialect'
import { check } from './returns'

type Part = 'join' | 'leave' | 'denial' | 'refusal' | 'version' | 'resume' | 'send' | 'answer' | 'failure'

/** Calls a part of the dialect. Returns what it returned, or `undefined` where it threw or returned a wrong type. */
export type Guard = <Asked extends Part>(
  part: Asked,
  ...about: Parameters<NonNullable<Dialect[Asked]>>
) => { readonly said: ReturnType<NonNullable<Dialect[Asked]>> } | undefined

export interface GuardParts {
  readonly malformed: () => void
  readonly warn: Warn
}

/** Guards the worker against an app's own dialect. A failure is counted, and warned about once per part. */
export function createGuard(dialect: Dialect, { malformed, warn }: GuardParts): Guard {
  return (part, ...about) => {
    try {
      // The cast: `Guard` has checked that `about` fits `part`, which the compiler cannot follow through a union of functions.
      const said = (dialect[part] as (...about: unknown[]) => never)(...about)
      check(part, said)
      return { said }
    } catch (error) {
      malformed()
      warn(`dialect ${part}`, `The dialect's "${part}" failed: ${error}. Correct it in the worker file.`)
      return undefined
    }
  }
}
