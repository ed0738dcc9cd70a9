/**
 * Something that an app imports, and the kB it may add to the app's bundle, minified and gzipped. Lower a budget when its
 * figure went down. Raising one is a decision.
 */
export interface Import {
  readonly name: string
  readonly budget: number
  /** Its entry. It is not measured if the package has no entry of this name. */
  readonly entry: string
  /** A program that uses it, as an app would. */
  readonly program: string
}

export const IMPORTS = [
  {
    name: 'connect',
    budget: 11.3,
    entry: 'partyline',
    program: `import { connect } from 'partyline'
      globalThis.line = connect(globalThis.start)`,
  },
  {
    name: 'connect + reloader',
    budget: 11.9,
    entry: 'partyline',
    program: `import { connect, reloader } from 'partyline'
      globalThis.line = connect(globalThis.start)
      globalThis.line.on('reload', reloader())`,
  },
  {
    name: 'connect + react',
    budget: 12.4,
    entry: 'partyline/react',
    program: `import { connect } from 'partyline'
      export * from 'partyline/react'
      globalThis.line = connect(globalThis.start)`,
  },
  {
    name: 'inspector',
    budget: 13.5,
    entry: 'partyline/inspector',
    program: `import 'partyline/inspector'`,
  },
  {
    name: 'worker, minimal',
    budget: 56.7,
    entry: 'partyline/worker',
    program: `import { serve } from 'partyline/worker'
      serve({ panels: { errors: ['errors'] } })`,
  },
  {
    name: 'worker, everything',
    budget: 56.8,
    entry: 'partyline/worker',
    program: `export * from 'partyline/worker'
      import { backoff, roomDialect, serve } from 'partyline/worker'
      serve({ panels: { errors: ['errors'] }, dialect: { ...roomDialect }, retry: backoff() })`,
  },
  {
    name: 'worker, websocket',
    budget: 45.8,
    entry: 'partyline/worker/websocket',
    program: `import { serve } from 'partyline/worker/websocket'
      serve({ url: '/ws', panels: { errors: ['errors'] } })`,
  },
  {
    name: 'worker, action-cable',
    budget: 43.6,
    entry: 'partyline/worker/action-cable',
    program: `import { serve } from 'partyline/worker/action-cable'
      serve({ panels: { errors: ['errors'] } })`,
  },
  {
    name: 'worker, sse',
    budget: 40.7,
    entry: 'partyline/worker/sse',
    program: `import { serve } from 'partyline/worker/sse'
      serve({ stream: () => '/events', panels: { errors: ['errors'] } })`,
  },
] as const satisfies readonly Import[]

export type ImportName = (typeof IMPORTS)[number]['name']
