import { expect } from 'vitest'
import type { TestServerOptions } from '../support/server'
import { type Bench, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 100 }, grace: 1000 }
const orders = (tab: Tab) => tab.run(({ log }) => log.reload)
const isOnline = (tab: Tab) => expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
const reasons = (tab: Tab) => tab.run(({ log }) => log.error.map(({ reason }) => reason))
const polls = (tab: Tab) => tab.run(async ({ line }) => (await line.inspect()).counters.polls)

async function setUp(bench: Bench, version: object, more: object = {}, wishes: TestServerOptions = {}) {
  const server = await bench.server(wishes)
  const url = await server.url()
  bench.serve({ url, ...QUICK, ...more, version: { url: `${url}/version`, ...version } })
  return server
}

test('a request under way is aborted the moment the link is back', async ({ bench }) => {
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

test('online for 10 s with every: 500 - no request but the one after connecting - down - polled - up - one', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 500 })
  const tab = await bench.page({ panels: ['errors'] })
  await isOnline(tab)
  const looks = async () => (await server.state()).requests.filter(({ path }) => path === '/version').length
  await expect.poll(looks).toBe(1)
  await new Promise((done) => setTimeout(done, 10_000))
  expect(await looks()).toBe(1)

  await server.forget()
  await server.refuse(true)
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await new Promise((done) => setTimeout(done, 5000))
  expect(await looks()).toBeGreaterThanOrEqual(8)
  expect(await looks()).toBeLessThanOrEqual(13)
  await server.refuse(false)
  await isOnline(tab)
  const atReturn = await looks()
  await new Promise((done) => setTimeout(done, 1500))
  expect(await looks()).toBeLessThanOrEqual(atReturn + 1)
  expect(await orders(tab)).toEqual([])
})

test('a deployment while the line is down reaches each page that does not run it, once', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 200 })
  // First, so that it is there when the worker looks at the version after it has connected.
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

test('a deployment noticed after a short outage, and a rollback, are orders as well', async ({ bench }) => {
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

test('a version endpoint that alternates orders nobody twice', async ({ bench }) => {
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
  await expect.poll(() => polls(first), { timeout: 25_000 }).toBeGreaterThan(before + 60)
  for (const tab of tabs) expect((await orders(tab)).length).toBeLessThanOrEqual(1)
})

test('answers that are no version order nothing, and polling goes on', async ({ bench }) => {
  const server = await setUp(bench, { every: 30, timeout: 200 }, { reloadAfter: 200 })
  const tab = await bench.page({ connect: { version: 'v1' } })
  await isOnline(tab)
  await server.refuse(true)
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
    const before = await polls(tab)
    await expect.poll(() => polls(tab), { timeout: 10_000 }).toBeGreaterThan(before + 3)
    expect(await orders(tab)).toEqual([])
    const { version } = await tab.run(({ line }) => line.inspect())
    expect(version?.error).toBeTypeOf('string')
  }
})

test('a version endpoint of another origin that any origin may read counts', async ({ bench }) => {
  await setUp(bench, { every: 50 }, {}, { anyOrigin: true })
  const tab = await bench.page({ connect: { version: 'v0' } })
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'version', version: 'v1' }])
})

test('the app asks with credentials, and the other origin does not allow them - no answer', async ({
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
  // The browser refused it, so what came is not known.
  expect(await reasons(tab)).toEqual([])
})

test('an endpoint that gives no version - one warning and an error in each page, in a late one too, once', async ({
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
  expect(bench.consoleMessages).toEqual([`[partyline] ${message}`])

  // Another connect, and another page.
  await server.kick()
  await isOnline(first)
  const before = await polls(first)
  await server.kick()
  await expect.poll(() => polls(first)).toBeGreaterThan(before)
  const late = await bench.frame()
  await expect.poll(() => reasons(late)).toEqual(['version-unreadable'])
  for (const tab of tabs) expect(await reasons(tab)).toEqual(['version-unreadable'])
  expect(bench.consoleMessages).toHaveLength(1)

  // From here on it gives one.
  await server.setVersion({ kind: 'text', body: 'v1' })
  await server.kick()
  const isKnown = () => first.run(async ({ line }) => (await line.inspect()).version?.version)
  await expect.poll(isKnown).toBe('v1')
  const later = await bench.frame({ panels: ['errors'] })
  await expect.poll(() => later.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(await reasons(later)).toEqual([])
})

test('version.online - a deployment without a restart reaches a page that is connected', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 60_000, online: 100 })
  const tab = await bench.page({ panels: ['errors'], connect: { version: 'v1' } })
  await isOnline(tab)
  await expect.poll(() => polls(tab)).toBeGreaterThan(3)
  expect(await orders(tab)).toEqual([])
  await server.setVersion({ kind: 'text', body: 'v2' })
  await expect.poll(() => orders(tab)).toEqual([{ reason: 'version', version: 'v2' }])
  expect((await server.state()).connections).toHaveLength(1)
})

test('nothing answers - no order; HTTP answers but the socket does not - one stuck order', async ({
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

test('a server is away for longer than reloadAfter and comes back, a poll beats the socket - no order', async ({
  bench,
}) => {
  const server = await setUp(bench, { every: 50 }, { reloadAfter: 2500, retry: { first: 100, every: 100 } })
  const tab = await bench.page({ connect: { version: 'v1' } })
  await isOnline(tab)
  for (let outage = 1; outage <= 2; outage += 1) {
    await server.stop()
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
    // What is to be seen is that nothing comes of this time.
    await new Promise((done) => setTimeout(done, 3000))
    await server.forget()
    await server.refuse(true)
    await server.start()
    const looks = async () => (await server.state()).requests.length
    await expect.poll(looks).toBeGreaterThan(2)
    await server.refuse(false)
    await isOnline(tab)
  }
  expect(await orders(tab)).toEqual([])
})

test('a stuck order is remembered until the link is up, also by a page that comes when it is', async ({
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

test('a page that reloads and still runs the old version is told so, and not ordered again', async ({
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

test('hidden tabs reload first, visible ones spread, one with a veto only after its release', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const start = Date.now()
  const open = async (kind: 'hidden' | 'visible' | 'vetoed') => {
    const tab = await bench.page()
    await isOnline(tab)
    await tab.run(({ line, reloader }, kind) => {
      if (kind === 'hidden') Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
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
  await server.broadcast('reload')
  await expect.poll(at(1)).toBeGreaterThan(start)
  await expect.poll(at(0)).toBeGreaterThan(start)
  expect(await at(1)()).toBeLessThan(await at(0)())
  await new Promise((done) => setTimeout(done, 3000 - (Date.now() - start)))
  expect(await at(2)()).toBe(0)
  await tabs[2]?.run(() => {
    ;(window as unknown as { form: Form }).form.dirty = false
    document.dispatchEvent(new Event('change'))
  })
  await expect.poll(at(2)).toBeGreaterThan(start)
})

test('a kiosk needs one line: the page reloads by itself', async ({ bench }) => {
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

test('reloader - waits for the page to be reachable, for quiet, and for its hooks', async ({ bench }) => {
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
