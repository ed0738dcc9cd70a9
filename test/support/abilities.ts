import { server } from 'vitest/browser'

/** What some engines do not do, or what cannot be seen in them. Each reason stands in docs/engines.md beside the tests that need it. */

const LACKING = {
  'extended lifetime': {
    firefox: 'Firefox has no `extendedLifetime`: the worker ends with its last page.',
    webkit: 'WebKit has no `extendedLifetime`: the worker ends with its last page.',
  },
  'back/forward cache': {
    firefox: 'Firefox keeps no page in the back/forward cache that holds a lock.',
  },
  'heap sizes': {
    firefox:
      'Only Chromium’s debugger collects the garbage of a shared worker and tells the size of its heap.',
    webkit:
      'Only Chromium’s debugger collects the garbage of a shared worker and tells the size of its heap.',
  },
  'policy for running workers': {
    firefox: 'Firefox lets a page connect to a worker that runs, whatever the policy of the page says.',
  },
} as const satisfies Record<string, Partial<Record<string, string>>>

export type Ability = keyof typeof LACKING

/** Why this engine lacks an ability; `undefined` if it has it. */
export const missing = (ability: Ability): string | undefined =>
  (LACKING[ability] as Partial<Record<string, string>>)[server.browser]
