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
  'a profile that is kept': {
    webkit: 'WebKitGTK’s MiniBrowser starts with an empty profile each time when a WebDriver drives it.',
  },
  'policy for running workers': {
    firefox: 'Firefox lets a page connect to a worker that runs, whatever the policy of the page says.',
  },
  'a worker in the process of its page': {
    webkit:
      'WebKit runs all shared workers of a site in one process, which need not be that of the page that started a worker.',
  },
  'an end by navigation': {
    webkit:
      'WebKit keeps a page with a dedicated worker in its back/forward cache, with its connection, so no other tab can continue the session.',
  },
  'a phone': {
    firefox: 'Only Chromium’s debugger shows a page as on a phone.',
    webkit: 'Only Chromium’s debugger shows a page as on a phone.',
  },
  'local network access': {
    firefox: 'Only Chromium asks the user before a site may reach the local network.',
    webkit: 'Only Chromium asks the user before a site may reach the local network.',
  },
} as const satisfies Record<string, Partial<Record<string, string>>>

export type Ability = keyof typeof LACKING

/** Why this engine lacks an ability; `undefined` if it has it. */
export const missing = (ability: Ability): string | undefined =>
  (LACKING[ability] as Partial<Record<string, string>>)[server.browser]
