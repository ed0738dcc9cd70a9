import { expect, test } from 'vitest'
import { nodeCommands } from './node-commands'
import type { Visit } from './site'

/** What docs/security.md and docs/deploys.md say of headers, of a built app. */

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
  ['script-src counts where there is no worker-src', { page: csp(STRICT) }, /^online$/],
  [
    "the page's connect-src does not bind the worker",
    { page: csp(`${STRICT}; connect-src 'none'`) },
    /^online$/,
  ],
  ["the worker's own connect-src does", { worker: csp("connect-src 'none'") }, /^offline$/],
  ['a page that lets no worker start', { page: csp(`${STRICT}; worker-src 'none'`) }, /^worker-failed/],
  [
    'Trusted Types without a default policy',
    { page: csp(TRUSTED) },
    /^worker-failed: The factory threw.*TrustedScriptURL/,
  ],
  ['Trusted Types with one', { page: csp(TRUSTED), does: 'trust' }, /^online$/],
  ['a reloader that may look', { page: csp("connect-src 'self'"), does: 'reload' }, /^reloaded$/],
  ['a reloader that may not', { page: csp("connect-src 'none'"), does: 'reload' }, /^blocked: connect-src$/],
  ['a page isolated by COOP and COEP', { page: ISOLATED }, /^online$/],
  ['a worker file served as HTML', { worker: { 'content-type': 'text/html' } }, /^worker-failed/],
]

test('headers let a built app connect, or say why not', async () => {
  const outcomes = (await nodeCommands.docsVisits(CASES.map(([, visit]) => visit))) as readonly string[]
  const wrong = CASES.flatMap(([what, , outcome], index) =>
    outcome.test(outcomes[index] ?? '') ? [] : [`${what}: ${outcomes[index]}`],
  )
  expect(wrong).toEqual([])
  expect(outcomes).toHaveLength(CASES.length)
})
