import { expect, test } from 'vitest'
import { nodeCommands } from './node-commands'
import type { Visit } from './site'

/** Checks with a built app what docs/security.md and docs/deploys.md say about headers. */

const csp = (policy: string) => ({ 'content-security-policy': policy })
const STRICT = "default-src 'none'; script-src 'self'"
const TRUSTED = "require-trusted-types-for 'script'"
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

const CASES: readonly (readonly [what: string, visit: Visit, outcome: RegExp])[] = [
  ['no header at all', {}, /^online$/],
  [
    'strict policies of the page and of the worker',
    { page: csp(`${STRICT}; worker-src 'self'`), worker: csp("default-src 'none'; connect-src 'self'") },
    /^online$/,
  ],
  ['without worker-src, script-src applies to the worker', { page: csp(STRICT) }, /^online$/],
  [
    "the page's connect-src does not apply to the worker",
    { page: csp(`${STRICT}; connect-src 'none'`) },
    /^online$/,
  ],
  ["the worker's own connect-src applies to the worker", { worker: csp("connect-src 'none'") }, /^offline$/],
  [
    'a policy of the page that forbids workers',
    { page: csp(`${STRICT}; worker-src 'none'`) },
    /^worker-failed/,
  ],
  [
    'Trusted Types without a default policy',
    { page: csp(TRUSTED) },
    /^worker-failed: The factory threw.*TrustedScriptURL/,
  ],
  ['Trusted Types with a default policy', { page: csp(TRUSTED), does: 'trust' }, /^online$/],
  [
    'a reloader whose requests the policy allows',
    { page: csp("connect-src 'self'"), does: 'reload' },
    /^reloaded$/,
  ],
  [
    'a reloader whose requests the policy blocks',
    { page: csp("connect-src 'none'"), does: 'reload' },
    /^blocked: connect-src$/,
  ],
  ['a page isolated by COOP and COEP', { page: ISOLATED }, /^online$/],
  ['a worker file served as HTML', { worker: { 'content-type': 'text/html' } }, /^worker-failed/],
]

test('for each set of headers, a built app connects or reports what blocks it', async () => {
  const outcomes = (await nodeCommands.docsVisits(CASES.map(([, visit]) => visit))) as readonly string[]
  const wrong = CASES.flatMap(([what, , outcome], index) =>
    outcome.test(outcomes[index] ?? '') ? [] : [`${what}: ${outcomes[index]}`],
  )
  expect(wrong).toEqual([])
  expect(outcomes).toHaveLength(CASES.length)
})
