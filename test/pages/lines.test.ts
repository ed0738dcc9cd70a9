import { expect } from 'vitest'
import { type Bench, type Tab, test } from '../support/setup'
import type { TabWindow } from '../support/tab'

/** Several lines of one user on one page. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

/**
 * Firefox closes the connections of a dedicated worker a moment before it ends the worker, because its page is left. The worker would dial
 * once more in that moment. Here it waits for long before it does.
 */
const ONE_EACH = { retry: { first: 3_600_000 } }

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

const WORKERS = [
  ['a shared worker', {}],
  ['a dedicated worker', { dedicated: true }],
] as const

/** What each line received, earlier loads of the page included: the numbers of events, and the causes of gaps. */
const records = (tab: Tab) =>
  tab.run(({ lines }) =>
    lines.map(({ receivedByTab }) =>
      receivedByTab().flatMap((each): (number | string)[] => {
        if ('cause' in each) return [each.cause]
        return each.replayed ? [] : [(each.data as { n: number }).n]
      }),
    ),
  )

const restored = (tab: Tab) => tab.run(({ lines }) => Promise.all(lines.map(({ line }) => line.restored)))

const states = (tab: Tab, ...panels: string[]) =>
  tab.run(
    ({ lines }, names) => lines.map(({ line }, index) => line.panel(names[index] as 'errors').state),
    panels,
  )

const areLive = (tab: Tab, ...panels: string[]) =>
  expect.poll(() => states(tab, ...panels)).toEqual(panels.map(() => 'live'))

const ids = (tab: Tab) =>
  tab.run(async ({ lines }) => (await lines.at(-1)?.line.inspect())?.tabs.map(({ id }) => id))

async function serverFor(bench: Bench, options: object = {}) {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, ...options })
  return server
}

for (const [whose, settings] of WORKERS) {
  for (const [how, copy] of [
    ['one bundle', false],
    ['two bundles', true],
  ] as const) {
    test(`a page with two lines of ${how} reloads (${whose}) - one socket, and each line gets its own panels back`, async ({
      bench,
    }) => {
      const server = await serverFor(bench)
      const tab = await bench.page({ ...settings, second: { copy } })
      await tab.run(({ lines: [first, second] }) => {
        first?.subscribe('errors')
        second?.subscribe('tmux')
        second?.subscribe(['workflow', '42'])
      })
      await areLive(tab, 'errors', 'tmux')
      const before = await ids(tab)
      expect(before).toHaveLength(2)
      for (let round = 1; round <= 3; round += 1) {
        await expect.poll(async () => (await server.state()).connected).toBe(1)
        await tab.reload()
        expect(await restored(tab)).toEqual([['errors'], ['tmux', ['workflow', '42']]])
        await tab.run(({ lines: [first, second] }) => {
          first?.subscribe('errors')
          second?.subscribe('tmux')
          second?.subscribe(['workflow', '42'])
        })
        await areLive(tab, 'errors', 'tmux')
      }
      expect((await ids(tab))?.toSorted()).toEqual(before?.toSorted())
      await expect
        .poll(async () => (await server.state()).rooms)
        .toEqual([['adw-state/42', 'errors', 'stats', 'tmux']])
      // Each line calls the factory for a shared worker; a dedicated worker is started once.
      expect(await tab.run(({ started }) => started())).toBe('dedicated' in settings ? 1 : 2)
    })
  }

  test(`events come while a page with two lines reloads (${whose}) - each line gets its events, once`, async ({
    bench,
  }) => {
    const server = await serverFor(bench, ONE_EACH)
    const tab = await bench.page({
      ...settings,
      extendedLifetime: false,
      panels: ['errors'],
      second: { panels: ['tmux'] },
    })
    await areLive(tab, 'errors', 'tmux')
    const emit = async (from: number, to: number) => {
      await server.emitMany('errors', 'row', from, to)
      await server.emitMany('tmux', 'row', from, to)
    }
    await emit(1, 10)
    await expect.poll(() => records(tab)).toEqual([count(1, 10), count(1, 10)])
    let last = 10
    for (let round = 0; round < 5; round += 1) {
      const reloaded = tab.reload()
      await emit(last + 1, last + 30)
      await reloaded
      await emit(last + 31, last + 40)
      last += 40
      await expect.poll(() => records(tab)).toEqual([count(1, last), count(1, last)])
    }
    const { connections } = await server.state()
    expect(connections.map(({ recovered }) => recovered)).toEqual([false, true, true, true, true, true])
    for (const { asked } of connections)
      expect(asked.toSorted()).toEqual(['join errors', 'join stats', 'join tmux'])
  })

  test(`the first line closes, then the page reloads (${whose}) - the other gets the events it missed`, async ({
    bench,
  }) => {
    const server = await serverFor(bench, ONE_EACH)
    const tab = await bench.page({
      ...settings,
      extendedLifetime: false,
      panels: ['errors'],
      second: { panels: ['tmux'] },
    })
    await areLive(tab, 'errors', 'tmux')
    await tab.run(({ line }) => line.close())
    await expect.poll(async () => (await server.state()).rooms).toEqual([['tmux']])
    await server.emitMany('tmux', 'row', 1, 3)
    await expect.poll(() => records(tab)).toEqual([[], count(1, 3)])
    const reloaded = tab.reload()
    await server.emitMany('tmux', 'row', 4, 6)
    await reloaded
    await areLive(tab, 'errors', 'tmux')
    await server.emitMany('tmux', 'row', 7, 9)
    await expect.poll(() => records(tab)).toEqual([[], count(1, 9)])
    const { connections } = await server.state()
    expect(connections.map(({ recovered }) => recovered)).toEqual([false, true])
  })

  test(`a line closes (${whose}) - the rooms and listeners of the other stay`, async ({ bench }) => {
    const server = await serverFor(bench)
    const tab = await bench.page({ ...settings, panels: ['errors', 'tmux'], second: { panels: ['tmux'] } })
    await areLive(tab, 'errors', 'tmux')
    await tab.run(({ line }) => line.close())
    await expect.poll(async () => (await server.state()).rooms).toEqual([['tmux']])
    await server.emitMany('tmux', 'row', 1, 3)
    await expect.poll(() => records(tab)).toEqual([[], count(1, 3)])
    expect(await tab.run(({ lines }) => lines.map(({ line }) => line.status.state))).toEqual([
      'closed',
      'online',
    ])
    expect((await server.state()).connections).toHaveLength(1)
    await tab.run(({ lines }) => lines[1]?.line.close())
    await expect.poll(async () => (await server.state()).connected).toBe(0)
    // The page can connect a new line.
    await tab.run(({ open }) => void open(['errors']))
    await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  })

  test(`a line is closed and connected again at once (${whose}) - it has the same tab id, and restores no panels`, async ({
    bench,
  }) => {
    const server = await serverFor(bench)
    const tab = await bench.page({ ...settings, panels: ['errors'], second: { panels: ['tmux'] } })
    await areLive(tab, 'errors', 'tmux')
    const before = await ids(tab)
    // After the reload, the worker has read both records from the database.
    await tab.reload()
    await areLive(tab, 'errors', 'tmux')
    await tab.run(({ lines, open }) => {
      lines[0]?.line.close()
      open(['overview'])
    })
    await expect.poll(() => tab.run(({ lines }) => lines[2]?.line.panel('overview').state)).toBe('live')
    // `close()` deletes the panels of a line.
    expect(await tab.run(({ lines }) => lines[2]?.line.restored)).toEqual([])
    expect((await ids(tab))?.toSorted()).toEqual(before?.toSorted())
    await expect.poll(async () => (await server.state()).rooms).toEqual([['activity', 'stats', 'tmux']])
    await expect.poll(async () => (await server.state()).connected).toBe(1)
    await tab.reload()
    expect(await restored(tab)).toEqual([['overview'], ['tmux']])
  })

  test(`two lines are connected twice, as by StrictMode (${whose}) - each gets its panels back`, async ({
    bench,
  }) => {
    const server = await serverFor(bench)
    const tab = await bench.page({ ...settings, extendedLifetime: false, second: {}, remounts: true })
    await tab.run(({ lines: [first, second] }) => {
      first?.subscribe('errors')
      second?.subscribe('tmux')
    })
    await areLive(tab, 'errors', 'tmux')
    const before = await ids(tab)
    await server.emitMany('tmux', 'row', 1, 3)
    await expect.poll(() => records(tab)).toEqual([[], count(1, 3)])
    const reloaded = tab.reload()
    await server.emitMany('tmux', 'row', 4, 6)
    await reloaded
    expect(await restored(tab)).toEqual([['errors'], ['tmux']])
    await tab.run(({ lines: [, second] }) => void second?.subscribe('tmux'))
    await expect.poll(() => records(tab)).toEqual([[], count(1, 6)])
    expect((await ids(tab))?.toSorted()).toEqual(before?.toSorted())
    await expect.poll(async () => (await server.state()).connected).toBe(1)
  })

  test(`a page with two lines is duplicated (${whose}) - each copy has the panels of its original`, async ({
    bench,
  }) => {
    const server = await serverFor(bench)
    const original = await bench.page({ ...settings, second: {} })
    await original.run(({ lines: [first, second] }) => {
      first?.subscribe('errors')
      second?.subscribe('tmux')
    })
    await areLive(original, 'errors', 'tmux')
    const before = await ids(original)
    const isShared = !('connect' in settings)
    const copied = await original.run(
      async (_, wanted) => {
        const copy = window.open(location.href)
        if (!copy) throw new Error('no window')
        const moment = () => new Promise((done) => setTimeout(done, 10))
        while (!('tab' in copy)) await moment()
        const { lines } = copy.tab as TabWindow
        const panels = await Promise.all(lines.map(({ line }) => line.restored))
        const here = async () => (await lines[0]?.line.inspect())?.tabs.filter(({ here }) => here) ?? []
        // The copy is in front, so its worker may begin to serve, and the pages say hello to it one after another.
        let tabs = await here()
        while (tabs.length < wanted) {
          await moment()
          tabs = await here()
        }
        return { panels, tabs: tabs.map(({ id }) => id) }
      },
      isShared ? 4 : 2,
    )
    expect(copied.panels).toEqual([['errors'], ['tmux']])
    expect(copied.tabs).toHaveLength(isShared ? 4 : 2)
    expect(copied.tabs.filter((id) => before?.includes(id))).toHaveLength(isShared ? 2 : 0)
    await expect.poll(async () => (await server.state()).connected).toBe(isShared ? 1 : 2)
    await original.reload()
    expect(await restored(original)).toEqual([['errors'], ['tmux']])
  })

  test(`a reload order comes to a page with two lines (${whose}) - each line gets it, once`, async ({
    bench,
  }) => {
    const server = await bench.server()
    const url = await server.url()
    bench.serve({ url, ...QUICK, version: { url: `${url}/version`, every: 50 } })
    const connect = { version: 'v1' }
    const tab = await bench.page({ ...settings, connect, panels: ['errors'], second: { panels: ['tmux'] } })
    await areLive(tab, 'errors', 'tmux')
    const orders = () =>
      tab.run(({ lines }) => lines.map(({ log }) => log.reload.map(({ reason }) => reason)))
    await server.broadcast('reload', {})
    await expect.poll(orders).toEqual([['broadcast'], ['broadcast']])
    await server.setVersion({ kind: 'text', body: 'v2' })
    await server.cut()
    await expect.poll(orders).toEqual([
      ['broadcast', 'version'],
      ['broadcast', 'version'],
    ])
    // The reloaded page still runs the old version: each line says so, and gets no new order.
    await tab.reload()
    await expect
      .poll(() => tab.run(({ lines }) => lines.map(({ line }) => line.status.outdated)))
      .toEqual(['v2', 'v2'])
    expect(await orders()).toEqual([[], []])
  })

  test(`a page with two lines reloads at each order (${whose}) - it reloads only once, although it still runs the old version`, async ({
    bench,
  }) => {
    const server = await bench.server()
    const url = await server.url()
    bench.serve({ url, ...QUICK, version: { url: `${url}/version`, every: 50 } })
    const connect = { version: 'v1' }
    const tab = await bench.page({ ...settings, connect, panels: ['errors'], second: { panels: ['tmux'] } })
    await areLive(tab, 'errors', 'tmux')
    const load = () => tab.run(() => performance.timeOrigin)
    const before = await load()
    await tab.run(({ lines }) => {
      for (const { line } of lines) line.on('reload', () => location.reload())
    })
    await server.setVersion({ kind: 'text', body: 'v2' })
    await server.cut()
    await expect.poll(() => load().catch(() => before)).not.toBe(before)
    const after = await load()
    await expect
      .poll(() => tab.run(({ lines }) => lines.map(({ line }) => line.status.outdated)))
      .toEqual(['v2', 'v2'])
    expect(await tab.run(({ lines }) => lines.map(({ log }) => log.reload))).toEqual([[], []])
    expect(await load()).toBe(after)
  })

  test(`one line of a page signs out (${whose}) - all lines are closed, and their stored data is deleted`, async ({
    bench,
  }) => {
    const server = await serverFor(bench)
    const storage = { [`partyline/1/${bench.id}0`]: '"of another user"' }
    const tab = await bench.page({ ...settings, storage, panels: ['errors'], second: { panels: ['tmux'] } })
    await areLive(tab, 'errors', 'tmux')
    // The page has a third line before it is reloaded.
    await tab.run(({ open }) => void open(['overview']))
    await areLive(tab, 'errors', 'tmux', 'overview')
    await tab.reload()
    await areLive(tab, 'errors', 'tmux')
    await tab.run(({ lines }) => lines[1]?.line.signOut())
    await expect
      .poll(() =>
        tab.run(({ lines }) => lines.map(({ line, log }) => [line.status.state, log.signout.length])),
      )
      .toEqual([
        ['closed', 1],
        ['closed', 1],
      ])
    await expect.poll(async () => (await server.state()).connected).toBe(0)
    const stored = await tab.run(() =>
      Object.keys(sessionStorage).filter((key) => key.startsWith('partyline/')),
    )
    expect(stored).toEqual(Object.keys(storage))
  })
}

for (const [what, host] of [
  ['', undefined],
  [' (no locks)', 'plain.test'],
] as const) {
  for (const [how, order] of [
    ['dies', 'die'],
    ['hangs', 30_000],
  ] as const) {
    test(`the dedicated worker of two lines ${how}${what} - one new worker replaces it for both`, async ({
      bench,
    }) => {
      const server = await serverFor(bench)
      const tab = await bench.page({
        dedicated: true,
        panels: ['errors'],
        second: { panels: ['tmux'], copy: true },
        connect: { user: bench.id, timeout: 2500 },
        ...(host && { host }),
      })
      await areLive(tab, 'errors', 'tmux')
      const command = (what: 'die' | number) =>
        tab.run(
          (_, name, order) => {
            const channel = new BroadcastChannel(name)
            channel.postMessage(order)
            channel.close()
          },
          `worker ${bench.id}`,
          what,
        )
      await command(order)
      await expect.poll(async () => (await server.state()).connections.length).toBe(2)
      await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
      await areLive(tab, 'errors', 'tmux')
      expect(await tab.run(({ started }) => started())).toBe(2)
      await server.emitMany('errors', 'row', 1, 3)
      await server.emitMany('tmux', 'row', 1, 3)
      const numbers = async () =>
        (await records(tab)).map((each) => each.filter((n) => typeof n === 'number'))
      await expect.poll(numbers).toEqual([count(1, 3), count(1, 3)])
      expect(await tab.run(({ lines }) => lines.flatMap(({ log }) => log.error))).toEqual([])
      expect((await server.state()).connections).toHaveLength(2)
    })
  }
}

test('a line connects when the dedicated worker has just died - the next worker serves it', async ({
  bench,
}) => {
  const server = await serverFor(bench)
  // The watchdog would notice only after this test.
  const connect = { timeout: 60_000 }
  const tab = await bench.page({ dedicated: true, panels: ['errors'], connect })
  await areLive(tab, 'errors')
  await tab.run(({ open }, name) => {
    const channel = new BroadcastChannel(name)
    channel.postMessage('die')
    channel.close()
    open(['tmux'])
  }, `worker ${bench.id}`)
  await expect.poll(() => tab.run(({ lines }) => lines[1]?.line.panel('tmux').state)).toBe('live')
  await areLive(tab, 'errors', 'tmux')
  expect(
    await tab.run(({ started, lines }) => [started(), lines.map(({ log }) => log.error.length)]),
  ).toEqual([2, [0, 0]])
  await expect.poll(async () => (await server.state()).connected).toBe(1)
})

test('a dedicated worker cannot be started - each line reports it, and they retry it together', async ({
  bench,
}) => {
  const server = await serverFor(bench)
  const tab = await bench.page({
    dedicated: true,
    fails: 2,
    panels: ['errors'],
    second: { panels: ['tmux'] },
  })
  expect(await tab.run(({ lines }) => Promise.all(lines.map(({ ready }) => ready())))).toEqual([
    expect.objectContaining({ reason: 'worker-failed' }),
    expect.objectContaining({ reason: 'worker-failed' }),
  ])
  await areLive(tab, 'errors', 'tmux')
  expect(await tab.run(({ started }) => started())).toBe(3)
  expect((await server.state()).connections).toHaveLength(1)
})

test('the file of a dedicated worker has a bad option - each line reports it', async ({ bench }) => {
  const tab = await bench.page({
    dedicated: true,
    worker: `/test/support/broken.worker.ts?worker_file&type=module&${bench.id}`,
    second: {},
  })
  expect(await tab.run(({ lines }) => Promise.all(lines.map(({ ready }) => ready())))).toEqual([
    expect.objectContaining({ reason: 'bad-option' }),
    expect.objectContaining({ reason: 'bad-option' }),
  ])
  expect(await tab.run(({ started }) => started())).toBe(1)
})
