import { expect } from 'vitest'
import type { TestServerOptions } from '../support/server'
import { type Bench, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 100 }, grace: 1000 }
const orders = (tab: Tab) => tab.run(({ log }) => log.reload)
const isOnline = (tab: Tab) => expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
const reasons = (tab: Tab) => tab.run(({ log }) => log.error.map(({ reason }) => reason))
const polls = (tab: Tab) => tab.run(async ({ line }) => (await line.inspect()).counters.polls)

async function setUp(
  bench: Bench,
  version: object,
  more: object = {},
  serverOptions: TestServerOptions = {},
) {
  const server = await bench.server(serverOptions)
  const url = await server.url()
  bench.serve({ url, ...QUICK, ...more, version: { url: `${url}/version`, ...version } })
  return server
}

test('the link is back during a version request - the request is aborted', async ({ bench }) => {
  const server = await setUp(bench, { every: 100, timeout: 20_000 })
  const tab = await bench.page({ connect: { version: 'v1' } })
  await isOnline(tab)
  await expect.poll(() => polls(tab)).toBe(1)
  await server.setVersion({ kind: 'hang' })
  await server.refuse(true)
  await expect.poll(() => polls(tab)).toBe(2)
  await server.forget()
  await server.setVersion({ kind: 'text', body: 'v1' })
  await server.refuse(false)
  await isOnline(tab)
  await expect.poll(() => polls(tab)).toBe(3)
  expect(await orders(tab)).toEqual([])
})

test('with every: 500 - one request after connecting, none for 10 s online - polled while down - one when up again', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 500 })
  const tab = await bench.page({ panels: ['errors'] })
  await isOnline(tab)
  const times = async () =>
    (await server.state()).requests.filter(({ path }) => path === '/version').map(({ at }) => at)
  const looks = async () => (await times()).length
  await expect.poll(looks).toBe(1)
  await new Promise((done) => setTimeout(done, 10_000))
  expect(await looks()).toBe(1)

  await server.forget()
  await server.refuse(true)
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await expect.poll(looks).toBeGreaterThanOrEqual(8)
  const pauses = (await times()).map((at, index, all) => at - (all[index - 1] ?? Number.NEGATIVE_INFINITY))
  expect(Math.min(...pauses)).toBeGreaterThan(400)
  expect(pauses.toSorted((a, b) => a - b)[4]).toBeLessThan(1000)
  await server.refuse(false)
  await isOnline(tab)
  const atReturn = await looks()
  await new Promise((done) => setTimeout(done, 1500))
  expect(await looks()).toBeLessThanOrEqual(atReturn + 1)
  expect(await orders(tab)).toEqual([])
})

test('a deployment during an outage - each page with an older version gets one reload order', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 200 })
  // Opened first, so that it is registered when the worker reads the version after connecting.
  const undeclared = await bench.frame()
  const old = await bench.page({ panels: ['errors'], connect: { version: 'v1' } })
  for (const tab of [old, undeclared]) await isOnline(tab)
  const seen = () => old.run(async ({ line }) => (await line.inspect()).version?.version)
  await expect.poll(seen).toBe('v1')
  await server.refuse(true)
  await server.setVersion({ kind: 'text', body: 'v2\n' })
  const fresh = await bench.frame({ connect: { version: 'v2' } })
  await expect.poll(() => orders(old)).toEqual([{ reason: 'version', version: 'v2' }])
  await expect.poll(() => orders(undeclared)).toEqual([{ reason: 'version', version: 'v2' }])
  const before = await polls(old)
  await expect.poll(() => polls(old)).toBeGreaterThan(before + 5)
  expect(await orders(old)).toHaveLength(1)
  expect(await orders(fresh)).toEqual([])
})

test('a rollback, and a deployment found after a short outage, cause reload orders as well', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 60_000 })
  const tab = await bench.page({ connect: { version: 'v2' } })
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'version', version: 'v1' }])
  await server.setVersion({ kind: 'json', body: '{"version":"v3"}' })
  await server.kick()
  await expect
    .poll(() => orders(tab))
    .toEqual([
      { reason: 'version', version: 'v1' },
      { reason: 'version', version: 'v3' },
    ])
})

test('a version endpoint that alternates - no page gets a second reload order', async ({ bench }) => {
  const server = await setUp(bench, { every: 40 })
  const tabs = [
    await bench.page({ connect: { version: 'v1' } }),
    await bench.frame({ connect: { version: 'v2' } }),
  ]
  for (const tab of tabs) await isOnline(tab)
  await server.setVersion({ kind: 'alternating', versions: ['v1', 'v2'] })
  await server.refuse(true)
  const [first] = tabs as [Tab, Tab]
  const before = await polls(first)
  await expect.poll(() => polls(first)).toBeGreaterThan(before + 60)
  for (const tab of tabs) expect((await orders(tab)).length).toBeLessThanOrEqual(1)
})

test('answers without a version - no reload order, and polling continues', async ({ bench }) => {
  const server = await setUp(bench, { every: 30, timeout: 200 }, { reloadAfter: 200 })
  const tab = await bench.page({ connect: { version: 'v1' } })
  await isOnline(tab)
  const answers = [
    { kind: 'text', body: 'v2', status: 500 },
    { kind: 'html', body: '<!doctype html><title>Sign in to the wifi</title>' },
    { kind: 'json', body: '{}' },
    { kind: 'text', body: '' },
    { kind: 'text', body: 'x'.repeat(5_000_000) },
    { kind: 'hang' },
  ] as const
  for (const answer of answers) {
    await server.setVersion(answer)
    await server.refuse(true)
    const before = await polls(tab)
    await expect.poll(() => polls(tab)).toBeGreaterThan(before + 3)
    expect(await orders(tab)).toEqual([])
    const { version } = await tab.run(({ line }) => line.inspect())
    expect(version?.error).toBeTypeOf('string')
  }
})

test('a version endpoint on another origin, readable by all origins - its version counts', async ({
  bench,
}) => {
  await setUp(bench, { every: 50 }, {}, { anyOrigin: true })
  const tab = await bench.page({ connect: { version: 'v0' } })
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'version', version: 'v1' }])
})

test('a version endpoint on another origin that forbids credentials, requested with them - no version, no order', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 50, credentials: 'include' }, {}, { anyOrigin: true })
  const tab = await bench.page({ connect: { version: 'v0' } })
  await isOnline(tab)
  await server.refuse(true)
  await expect.poll(() => polls(tab)).toBeGreaterThan(3)
  const { version } = await tab.run(({ line }) => line.inspect())
  expect(version?.error).toBeTypeOf('string')
  expect(await orders(tab)).toEqual([])
  // The browser blocked the answer, so nothing is known about it, and no error is reported.
  expect(await reasons(tab)).toEqual([])
})

test('an endpoint without a version - one warning, and one error event in each page, including a later one', async ({
  bench,
}) => {
  const server = await bench.server()
  const url = await server.url()
  const answer = { kind: 'html', body: '<!doctype html><title>secret page</title>', status: 404 } as const
  await server.setVersion(answer)
  bench.serve({ url, ...QUICK, version: { url: `${url}/version?key=secret`, every: 50 } })
  const tabs = [await bench.page({ connect: { version: 'v1' } }), await bench.frame()]
  for (const tab of tabs) await expect.poll(() => reasons(tab)).toEqual(['version-unreadable'])
  const [first] = tabs as [Tab, Tab]
  const message = await first.run(({ log }) => log.error[0]?.message)
  expect(message).toContain(`"${url}/version"`)
  expect(message).toContain('HTTP 404, text/html')
  expect(message).not.toContain('secret')
  await expect.poll(() => bench.consoleMessages).toEqual([`[partyline] ${message}`])

  // After another connect, and in another page.
  await server.kick()
  await isOnline(first)
  const before = await polls(first)
  await server.kick()
  await expect.poll(() => polls(first)).toBeGreaterThan(before)
  const late = await bench.frame()
  await expect.poll(() => reasons(late)).toEqual(['version-unreadable'])
  for (const tab of tabs) expect(await reasons(tab)).toEqual(['version-unreadable'])
  await expect.poll(() => bench.consoleMessages).toHaveLength(1)

  // From here on the endpoint returns a version.
  await server.setVersion({ kind: 'text', body: 'v1' })
  await server.kick()
  const isKnown = () => first.run(async ({ line }) => (await line.inspect()).version?.version)
  await expect.poll(isKnown).toBe('v1')
  const later = await bench.frame({ panels: ['errors'] })
  await expect.poll(() => later.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(await reasons(later)).toEqual([])
})

test('version.online - a deployment without a server restart reaches a connected page', async ({ bench }) => {
  const server = await setUp(bench, { every: 60_000, online: 100 })
  const tab = await bench.page({ panels: ['errors'], connect: { version: 'v1' } })
  await isOnline(tab)
  await expect.poll(() => polls(tab)).toBeGreaterThan(3)
  expect(await orders(tab)).toEqual([])
  await server.setVersion({ kind: 'text', body: 'v2' })
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'version', version: 'v2' }])
  expect((await server.state()).connections).toHaveLength(1)
})

test('no answer at all - no reload order; HTTP answers but the socket does not - one order with the reason "stuck"', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 50 }, { reloadAfter: 400 })
  const tabs = [
    await bench.page({ connect: { version: 'v1' } }),
    await bench.frame({ connect: { version: 'v1' } }),
  ]
  const [first] = tabs as [Tab, Tab]
  for (const tab of tabs) await isOnline(tab)
  await server.stop()
  await expect.poll(() => first.run(({ line }) => line.status.state)).toBe('offline')
  await new Promise((done) => setTimeout(done, 3 * 400))
  for (const tab of tabs) expect(await orders(tab)).toEqual([])
  await server.refuse(true)
  const back = Date.now()
  await server.start()
  for (const tab of tabs) await expect.poll(() => orders(tab)).toEqual([{ reason: 'stuck', version: 'v1' }])
  expect(Date.now() - back).toBeGreaterThanOrEqual(400)
  await server.setVersion({ kind: 'text', body: 'v2' })
  for (const tab of tabs) {
    await expect
      .poll(() => orders(tab))
      .toEqual([
        { reason: 'stuck', version: 'v1' },
        { reason: 'version', version: 'v2' },
      ])
  }
})

test('the server is down for longer than reloadAfter, and a poll succeeds before the socket - no reload order', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 50 }, { reloadAfter: 8000, retry: { first: 100, every: 100 } })
  const tab = await bench.page({ connect: { version: 'v1' } })
  await isOnline(tab)
  await server.stop()
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  // Longer than reloadAfter: the test shows that this time does not count.
  await new Promise((done) => setTimeout(done, 8500))
  await server.forget()
  await server.refuse(true)
  await server.start()
  await expect.poll(async () => (await server.state()).requests.length).toBeGreaterThan(2)
  await server.refuse(false)
  await isOnline(tab)
  expect(await orders(tab)).toEqual([])
})

test('a "stuck" order is remembered until the link is up, also if the page loads after that', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 50 }, { reloadAfter: 100 })
  const tab = await bench.page({ connect: { version: 'v1' } })
  const remembered = () =>
    tab.run(() => {
      const key = Object.keys(sessionStorage).find((each) => each.endsWith('/orders')) ?? ''
      return JSON.parse(sessionStorage.getItem(key) ?? '[]').map(([version]: [string]) => version)
    })
  await isOnline(tab)
  await server.refuse(true)
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'stuck', version: 'v1' }])
  expect(await remembered()).toEqual([''])
  await tab.reload()
  expect(await remembered()).toEqual([''])
  await server.refuse(false)
  await isOnline(tab)
  await expect.poll(remembered).toEqual([])
  await tab.run(() => {
    const key = Object.keys(sessionStorage).find((each) => each.endsWith('/orders')) ?? ''
    sessionStorage.setItem(key, JSON.stringify([['', 1, Date.now()]]))
  })
  await tab.reload()
  await expect.poll(remembered).toEqual([])
})

test('a page reloads and still runs the old version - it gets an error event, and no second order', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 50 })
  await server.setVersion({ kind: 'text', body: 'v2' })
  const tab = await bench.page({ connect: { version: 'v1' } })
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'version', version: 'v2' }])
  await tab.reload()
  await expect
    .poll(() => tab.run(({ log }) => log.error.map(({ reason }) => reason)))
    .toEqual(['reload-ineffective'])
  await expect.poll(() => tab.run(({ line }) => line.status.outdated)).toBe('v2')
  await server.kick()
  const before = await polls(tab)
  await expect.poll(() => polls(tab)).toBeGreaterThan(before)
  expect(await orders(tab)).toEqual([])
  expect(await tab.run(({ log }) => log.error.length)).toBe(1)
})

test('reloader - hidden tabs reload first, visible ones after a random delay, and one with a veto only after the veto ends', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const open = async (kind: 'hidden' | 'visible' | 'vetoed') => {
    const tab = await bench.page()
    await isOnline(tab)
    await tab.run(({ line, reloader }, kind) => {
      if (kind === 'hidden') Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      // The hidden tab would be the last if it were not preferred.
      Math.random = () => (kind === 'hidden' ? 0.8 : 0.2)
      const form = { dirty: kind === 'vetoed', reloadedAt: 0 }
      Object.assign(window, { form })
      const reload = () => {
        form.reloadedAt = Date.now()
      }
      line.on(
        'reload',
        reloader({ spread: 3000, unless: () => form.dirty, reload, reachable: async () => true }),
      )
    }, kind)
    return tab
  }
  const tabs = [await open('visible'), await open('hidden'), await open('vetoed')]
  type Form = { dirty: boolean; reloadedAt: number }
  const at = (index: number) => () =>
    (tabs[index] as Tab).run(() => (window as unknown as { form: Form }).form.reloadedAt)
  const start = Date.now()
  await server.broadcast('reload')
  await expect.poll(at(1)).toBeGreaterThan(start)
  await expect.poll(at(0)).toBeGreaterThan(start)
  expect(await at(1)()).toBeLessThan(await at(0)())
  await new Promise((done) => setTimeout(done, 3500 - (Date.now() - start)))
  expect(await at(2)()).toBe(0)
  await tabs[2]?.run(() => {
    ;(window as unknown as { form: Form }).form.dirty = false
    document.dispatchEvent(new Event('change'))
  })
  await expect.poll(at(2)).toBeGreaterThan(start)
})

test('reloader with one line of code - the page reloads by itself', async ({ bench }) => {
  const server = await setUp(bench, { every: 100 })
  const tab = await bench.page({ panels: ['errors'], connect: { version: 'v1' } })
  await isOnline(tab)
  await tab.run(({ line, reloader }) => {
    Object.assign(window, { before: true })
    line.on('reload', reloader({ spread: 0 }))
  })
  await server.setVersion({ kind: 'text', body: 'v2' })
  await server.kick()
  const isNew = () => tab.run(() => !('before' in window) && 'tab' in window).catch(() => false)
  await expect.poll(isNew).toBe(true)
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('reloader - waits until the page is reachable, the user is idle, and its hooks have run', async ({
  bench,
}) => {
  const tab = await bench.page()
  const steps = await tab.run(async ({ reloader }) => {
    const did: string[] = []
    let tries = 0
    await new Promise<void>((done) => {
      const obey = reloader({
        spread: 0,
        hiddenFirst: false,
        idle: 300,
        reachable: async () => {
          tries += 1
          did.push(`reachable: ${tries > 1}`)
          return tries > 1
        },
        before: async ({ reason }) => {
          did.push(`before ${reason}`)
          throw new Error('thrown on purpose')
        },
        reload: () => did.push('reload'),
        after: () => {
          did.push('after')
          done()
        },
      })
      obey({ reason: 'broadcast' })
      obey({ reason: 'stuck' })
      dispatchEvent(new Event('keydown'))
    })
    return did
  })
  expect(steps).toEqual(['reachable: false', 'reachable: true', 'before stuck', 'reload', 'after'])
  const refused = await tab.run(({ reloader }) => {
    try {
      reloader({ spread: -1 })
      return ''
    } catch (error) {
      return (error as Error).message
    }
  })
  expect(refused).toContain('"spread"')
})
