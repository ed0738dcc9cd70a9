import { commands } from 'vitest/browser'
import type { docsCommands } from './commands'

type Outside = {
  [Name in keyof typeof docsCommands]: (typeof docsCommands)[Name] extends (
    context: never,
    ...args: infer Args
  ) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never
}

/** The commands of the docs' tests, with their types. */
export const outside = commands as unknown as Outside
