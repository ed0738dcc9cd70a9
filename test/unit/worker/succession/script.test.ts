import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createScript } from '../../../../worker/succession/script'

interface Answer {
  readonly body?: string
  readonly status?: number
  readonly type?: string
}

/** How each mode of the cache is answered. */
let answers: Partial<Record<RequestCache, Answer | Error>>
/** The same, for a script that the worker imports. */
let imported: typeof answers
beforeEach(() => {
  imported = {}
  vi.stubGlobal('fetch', async (address: string, { cache = 'default' }: RequestInit) => {
    const answer = (address.endsWith('/chunk.js') ? imported : answers)[cache]
    if (!answer || answer instanceof Error) throw answer
    const { body = 'one', status = 200, type = 'text/javascript; charset=utf-8' } = answer
    return new Response(body, { status, headers: { 'content-type': type } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test.for<[name: string, current: Answer | Error, hasChanged: boolean]>([
  ['another text', { body: 'two' }, true],
  ['another text as application/javascript', { body: 'two', type: 'application/javascript' }, true],
  ['the same text', { body: 'one' }, false],
  ['a page instead of a missing file', { body: '<html>', type: 'text/html' }, false],
  ['a missing file', { body: 'two', status: 404 }, false],
  ['an error of the server', { body: 'two', status: 503 }, false],
  ['no answer', new Error('offline'), false],
])("at the worker's address is %s - it has changed: %o", async ([, current, hasChanged]) => {
  answers = { 'force-cache': { body: 'one' }, 'no-cache': current }
  expect(await createScript('https://app/worker.js').hasChanged()).toBe(hasChanged)
})

test.for<[name: string, current: Answer | Error, hasChanged: boolean]>([
  ['another text', { body: 'panels, edited' }, true],
  ['the same text', { body: 'panels' }, false],
  ['a missing file', { status: 404 }, false],
])(
  'at the address of a script that it imports is %s - it has changed: %o',
  async ([, current, hasChanged]) => {
    answers = { 'force-cache': { body: 'one' }, 'no-cache': { body: 'one' } }
    imported = { 'force-cache': { body: 'panels' }, 'no-cache': current }
    const script = createScript('https://app/worker.js', ['https://app/chunk.js'])
    expect(await script.hasChanged()).toBe(hasChanged)
  },
)

test('the text that runs cannot be read - it counts as unchanged', async () => {
  answers = { 'force-cache': { status: 404 }, 'no-cache': { body: 'two' } }
  const script = createScript('https://app/worker.js')
  expect(await script.text).toBeUndefined()
  expect(await script.hasChanged()).toBe(false)
})

test('the server hangs - the text that runs is given up long before a page stops waiting for its worker', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) =>
    ms <= 2000 ? AbortSignal.abort() : new AbortController().signal,
  )
  vi.stubGlobal(
    'fetch',
    (_: string, { signal }: RequestInit) =>
      new Promise((_, reject) => signal?.aborted && reject(signal.reason)),
  )
  expect(await createScript('https://app/worker.js').text).toBeUndefined()
})

test('texts of one length are told apart', async () => {
  const texts = new Set<string | undefined>()
  for (let n = 100; n < 900; n += 1) {
    answers = { 'force-cache': { body: `const n = ${n}` } }
    texts.add(await createScript('https://app/worker.js').text)
  }
  expect(texts.size).toBe(800)
})
