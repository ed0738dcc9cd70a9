/**
 * What an app imports, and what that may weigh in its bundle: kB, minified and gzipped. Lower a budget when its figure
 * went down; raising one is a decision.
 */
export interface Import {
  readonly name: string
  readonly budget: number
  /** The entry it is of: left out where the package has none of that name. */
  readonly entry: string
  /** A program of the app's that uses it. */
  readonly program: string
}

export const IMPORTS = [
  {
    name: 'connect',
    budget: 7.9,
    entry: 'partyline',
    program: `import { connect } from 'partyline'
      globalThis.line = connect(globalThis.start)`,
  },
  {
    name: 'connect + reloader',
    budget: 8.6,
    entry: 'partyline',
    program: `import { connect, reloader } from 'partyline'
      globalThis.line = connect(globalThis.start)
      globalThis.line.on('reload', reloader())`,
  },
  {
    name: 'connect + react',
    budget: 8.9,
    entry: 'partyline/react',
    program: `import { connect } from 'partyline'
      export * from 'partyline/react'
      globalThis.line = connect(globalThis.start)`,
  },
  {
    name: 'inspector',
    budget: 14,
    entry: 'partyline/inspector',
    program: `import 'partyline/inspector'`,
  },
  {
    name: 'worker, minimal',
    budget: 37.2,
    entry: 'partyline/worker',
    program: `import { serve } from 'partyline/worker'
      serve({ panels: { errors: ['errors'] } })`,
  },
  {
    name: 'worker, everything',
    budget: 37.2,
    entry: 'partyline/worker',
    program: `export * from 'partyline/worker'
      import { backoff, roomDialect, serve } from 'partyline/worker'
      serve({ panels: { errors: ['errors'] }, dialect: { ...roomDialect }, retry: backoff() })`,
  },
] as const satisfies readonly Import[]

export type ImportName = (typeof IMPORTS)[number]['name']
