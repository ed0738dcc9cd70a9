import { commands } from 'vitest/browser'
import type { docsCommands } from './commands'

type NodeCommands = {
  [Name in keyof typeof docsCommands]: (typeof docsCommands)[Name] extends (
    context: never,
    ...args: infer Args
  ) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never
}

/** The typed commands of the docs' tests. They run in the Node process. */
export const nodeCommands = commands as unknown as NodeCommands
