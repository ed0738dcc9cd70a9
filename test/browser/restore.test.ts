import { expect } from 'vitest'
import { isLive, type Tab, test } from '../support/setup'
import type { TabWindow } from '../support/tab'

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

for (const extendedLifetime of [true, false]) {
  const how = extendedLifetime ? 'the worker stays alive' : 'the worker ends with its page'

  test(`the only tab reloads ten times (${how}) - its rooms are joined after each reload`, async ({
    bench,
  }) => {
    if (extendedLifetime) bench.needs('extended lifetime')
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK })
    const tab = await bench.page({ extendedLifetime })
    await tab.run(({ subscribe }) => {
      subscribe('errors')
      subscribe(['workflow', '42'])
    })
    const rooms = ['adw-state/42', 'errors', 'stats']
    await expect.poll(async () => (await server.state()).rooms).toEqual([rooms])
    // Once the panel is live, it has been stored.
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
    for (let round = 1; round <= 10; round += 1) {
      await tab.reload()
      expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', ['workflow', '42']])
      // The page has not subscribed to anything yet.
      await expect.poll(async () => (await server.state()).rooms).toEqual([rooms])
      await tab.run(({ subscribe }) => {
        subscribe('errors')
        subscribe(['workflow', '42'])
      })
      await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
      await server.emit('errors', 'row', { room: 'errors', n: round })
      await expect.poll(() => tab.run(({ data }) => data())).toContainEqual({ room: 'errors', n: round })
    }
    const { connections } = await server.state()
    expect(connections).toHaveLength(extendedLifetime ? 1 : 11)
    for (const { asked } of connections) expect(asked.toSorted()).toEqual(rooms.map((room) => `join ${room}`))
  })
}

test('events arrive before the reloaded page subscribes - it gets them when it subscribes', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => tab.run(({ data }) => data().length)).toBe(2)
  // Reloads with settings that subscribe to nothing.
  await tab.goto((await tab.run(() => location.href)).replace(encodeURIComponent('"errors"'), ''))
  await expect.poll(() => tab.run(({ line }) => line.restored)).toEqual(['errors'])
  // Where the worker ended with the page, the next one has to join them first.
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await server.emitMany('errors', 'row', 3, 5)
  await expect
    .poll(() => tab.run(async ({ line }) => (await line.inspect()).tabs.map(({ waiting }) => waiting)))
    .toEqual([3])
  await tab.run(({ subscribe }) => void subscribe('errors'))
  await expect
    .poll(() =>
      tab.run(({ events }) => events.map(({ data, replayed }) => [(data as { n: number }).n, replayed])),
    )
    .toEqual([
      [3, false],
      [4, false],
      [5, false],
    ])
})

test('the reloaded page does not subscribe to a panel again - its rooms are left after the grace period', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, grace: 500 })
  const tab = await bench.page()
  await tab.run(({ subscribe }) => {
    subscribe('errors')
    subscribe('tmux')
  })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await tab.reload()
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await expect.poll(async () => (await server.state()).rooms).toEqual([['tmux']])
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['tmux'])
})

test('a tab is duplicated - the copy is a new tab, with the same panels', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const original = await bench.page()
  await original.run(({ subscribe }) => void subscribe('errors'))
  await expect.poll(() => original.run(({ line }) => line.panel('errors').state)).toBe('live')
  const restored = await original.run(async () => {
    const copy = window.open(location.href)
    if (!copy) throw new Error('no window')
    while (!('tab' in copy)) await new Promise((done) => setTimeout(done, 10))
    return (copy.tab as TabWindow).line.restored
  })
  expect(restored).toEqual(['errors'])
  const snapshot = await original.run(({ line }) => line.inspect())
  expect(snapshot.tabs.filter(({ here }) => here)).toHaveLength(2)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => original.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
})

test('the worker dies - the next one starts soon, joins the rooms again, and delivers events', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors', 'tmux'] })]
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  const first = await tabs[0]?.run(({ line }) => line.inspect())
  bench.worker('die')
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  for (const tab of tabs)
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const second = await tabs[0]?.run(({ line }) => line.inspect())
  expect(second?.incarnation).not.toBe(first?.incarnation)
  expect(second?.tabs.map(({ id }) => id).toSorted()).toEqual(first?.tabs.map(({ id }) => id).toSorted())
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  for (const tab of tabs)
    await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
})

test('the worker hangs - a new one replaces it, and the old one closes itself when it runs again', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const connect = { timeout: 2000 }
  const tabs = [
    await bench.page({ panels: ['errors'], connect }),
    await bench.page({ panels: ['tmux'], connect }),
  ]
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  const noticed = tabs.map((tab) =>
    tab.run(
      ({ line }) =>
        new Promise<number>((resolve) => {
          line.on('status', ({ error }) => error?.reason === 'worker-died' && resolve(Date.now()))
        }),
    ),
  )
  const start = Date.now()
  bench.worker(14_000)
  for (const at of await Promise.all(noticed)) expect(at - start).toBeLessThan(3 * connect.timeout)
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  // Before that, the server sends the event to nobody.
  await isLive(tabs[0] as Tab)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tabs[0]?.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  // When the old one runs again, there is one socket, and a new tab uses the new worker.
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  const late = await bench.frame({ panels: ['overview'], connect })
  await expect.poll(() => late.run(({ line }) => line.panel('overview').state)).toBe('live')
  expect((await server.state()).connections).toHaveLength(2)
  expect((await server.state()).connected).toBe(1)
  await expect.poll(async () => (await late.run(({ line }) => line.inspect())).tabs).toHaveLength(3)
})

test('a tab reloads while the worker hangs - the next worker knows it as the same tab', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, grace: 10_000 })
  const connect = { timeout: 1000 }
  const tab = await bench.page({ panels: ['errors'], connect })
  const stays = await bench.page({ panels: ['tmux'], connect })
  for (const each of [tab, stays])
    await expect.poll(() => each.run(({ line }) => line.status.state)).toBe('online')
  const [before] = (await stays.run(({ line }) => line.inspect())).tabs
  bench.worker(6000)
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await expect.poll(async () => (await server.state()).rooms.at(-1)).toEqual(['errors', 'stats', 'tmux'])
  await tab.reload()
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  // On a slow machine the worker may start twice.
  const list = () =>
    stays.run(({ line }) =>
      line.inspect().then(
        ({ tabs }) => tabs,
        () => [],
      ),
    )
  await expect.poll(async () => (await list()).map(({ id }) => id)).toHaveLength(2)
  await expect
    .poll(async () => (await list()).find(({ id }) => id === before?.id))
    .toMatchObject({ here: true, panels: [['errors']] })
})

test('the thread of a page was blocked - the page does not replace the worker', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], connect: { timeout: 1000 } })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const { incarnation } = await tab.run(({ line }) => line.inspect())
  await tab.run(() => {
    const until = Date.now() + 4000
    while (Date.now() < until);
  })
  await new Promise((done) => setTimeout(done, 3000))
  expect((await tab.run(({ line }) => line.inspect())).incarnation).toBe(incarnation)
  expect((await server.state()).connections).toHaveLength(1)
})

test('the stored records of tabs that left long ago are removed', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, grace: 100 })
  const old = Date.now() - 25 * 3_600_000
  const name = `partyline/1/${bench.id}@${await server.url()}/`
  const open = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name)
      request.onupgradeneeded = () => request.result.createObjectStore('tabs')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const keys = async () => {
    const database = await open()
    const request = database.transaction('tabs').objectStore('tabs').getAllKeys()
    await new Promise((resolve) => {
      request.onsuccess = resolve
    })
    database.close()
    return request.result
  }
  const database = await open()
  const tabs = database.transaction('tabs', 'readwrite').objectStore('tabs')
  tabs.put({ panels: [['errors']], at: old, goneAt: old }, 'long-gone')
  tabs.put({ panels: [['errors']] }, 'of-an-older-schema')
  tabs.put({ panels: [['gone-from-the-table']], at: Date.now(), goneAt: Date.now() }, 'gone-a-moment-ago')
  tabs.put('rubbish', 'of-nobodys-making')
  await new Promise((resolve) => {
    tabs.transaction.oncomplete = resolve
  })
  database.close()

  const tab = await bench.page({ panels: ['tmux'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['tmux']])
  await expect.poll(keys).not.toContain('long-gone')
  await expect.poll(keys).not.toContain('of-nobodys-making')
  expect(await keys()).not.toContain('of-an-older-schema')
  expect(await keys()).toContain('gone-a-moment-ago')
  await tab.run(({ line }) => line.close())
  // The builds of the worker are no tab's.
  await expect.poll(keys).toEqual(['gone-a-moment-ago', ['builds']])
})

test('the browser connects a page to a worker that has just died - it starts another before its deadline', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], unresponsive: 2, connect: { timeout: 20_000 } })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  bench.worker('die')
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(tab)
  await server.emit('errors', 'row', { room: 'errors', data: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([1])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
})

for (const [whose, settings] of [
  ['a shared worker', {}],
  ['a dedicated worker', { dedicated: true }],
] as const) {
  test(`${whose} gets its lock late - no page assumes that it died`, async ({ bench }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK, lockAfter: 300 })
    const tab = await bench.page({ panels: ['errors'], ...settings })
    const isHeld = () =>
      tab.run(async () =>
        (await navigator.locks.query()).held?.some(({ name }) => name?.includes('/worker/')),
      )
    await expect.poll(isHeld).toBe(true)
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
    const { timeline } = await tab.run(({ line }) => line.inspect())
    expect(timeline.filter(({ what }) => what === 'tab-arrived')).toHaveLength(1)
    expect((await server.state()).connections).toHaveLength(1)
  })
}
