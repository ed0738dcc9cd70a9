import { expect } from 'vitest'
import { readDatabase } from '../support/database'
import { isLive, type Tab, test } from '../support/setup'

test('sign-out closes the line of every tab of the user, deletes the stored data, and does not affect another user', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), grace: 1000 })
  const ann = { connect: { user: `${bench.id} ann` } }
  const bob = { connect: { user: `${bench.id} bob` } }
  const tabs = [
    await bench.page({ panels: ['errors'], ...ann }),
    await bench.frame({ panels: ['overview'], ...ann }),
  ]
  const other = await bench.frame({ panels: ['errors'], ...bob })
  for (const tab of [...tabs, other])
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  await expect.poll(async () => (await server.state()).connected).toBe(2)
  for (const tab of [tabs[0] as Tab, other]) await isLive(tab)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  for (const tab of [tabs[0], other]) await expect.poll(() => tab?.run(({ events }) => events.length)).toBe(1)

  await tabs[0]?.reload()
  await tabs[1]?.run(({ line }) => line.signOut())
  const storedKeys = (tab: Tab) =>
    tab.run((_, user) => {
      const keys = [...Object.keys(sessionStorage), ...Object.keys(localStorage)]
      return keys.filter((key) => key.includes(encodeURIComponent(user)))
    }, ann.connect.user)
  for (const tab of tabs) {
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('closed')
    expect(await tab.run(({ log }) => log.signout.length)).toBe(1)
    // Only the mark of the sign-out stays, for pages that missed it.
    expect(await storedKeys(tab)).toEqual([expect.stringMatching(/\/signout$/)])
  }
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  expect(await other.run(({ line, log }) => [line.status.state, log.signout.length])).toEqual(['online', 0])

  const kept = await other.run(async (_, user) => {
    const texts: string[] = []
    for (const { name = '' } of await indexedDB.databases()) {
      if (!name.includes(encodeURIComponent(user))) continue
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name)
        request.onsuccess = () => resolve(request.result)
      })
      const request = database.transaction('tabs').objectStore('tabs').getAll()
      await new Promise((resolve) => {
        request.onsuccess = resolve
      })
      texts.push('looked', ...request.result.map((record) => JSON.stringify(record)))
      database.close()
    }
    return texts
  }, ann.connect.user)
  expect(kept).toEqual(['looked'])

  // After signing in again, no panel is restored and no last value is replayed.
  const again = await bench.page({ panels: ['errors'], ...ann })
  await expect.poll(() => again.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(await again.run(({ events }) => events.length)).toBe(0)
  await tabs[0]?.reload()
  expect(await tabs[0]?.run(({ line }) => line.restored)).toEqual([])
})

const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }

/** Waits until the line is closed, after exactly one signout event. */
const isOut = (tab: Tab) =>
  expect.poll(() => tab.run(({ line, log }) => `${line.status.state} ${log.signout.length}`)).toBe('closed 1')

test('tabs with dedicated workers of their own - a sign-out in one closes the lines of all tabs of the user, and nothing is stored afterwards', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const own = { dedicated: true, panels: ['errors'], connect: { share: false } } as const
  const as = (user: string) => ({ ...own, connect: { ...own.connect, user: `${bench.id} ${user}` } })
  const tabs = [await bench.page(own), await bench.page(own), await bench.frame(own)]
  const other = await bench.page(as('bob'))
  for (const tab of [...tabs, other]) await isLive(tab)
  const url = await server.url()
  const kept = () => readDatabase(bench.database(url))
  expect(Object.keys(await kept()).length).toBeGreaterThan(2)
  // The workers keep storing the progress of their tabs.
  await server.emitMany('errors', 'row', 1, 50)
  await tabs[0]?.run(({ line }) => line.signOut())
  await server.emitMany('errors', 'row', 51, 100)
  for (const tab of tabs) await isOut(tab)
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  await expect.poll(kept).toEqual({})
  expect(await other.run(({ line, log }) => [line.status.state, log.signout.length])).toEqual(['online', 0])
  await isLive(await bench.frame(as('eve')))
  expect(await kept()).toEqual({})

  // The same user signs in and out again.
  const again = [await bench.page(own), await bench.page(own)]
  for (const tab of again) await isLive(tab)
  await again[1]?.run(({ line }) => line.signOut())
  for (const tab of again) await isOut(tab)
  await expect.poll(kept).toEqual({})
  for (const tab of tabs) await isOut(tab)
})

for (const [whose, settings] of [
  ['the shared worker', {}],
  ['dedicated workers', { dedicated: true }],
  ['dedicated workers of their own', { dedicated: true, connect: { share: false } }],
] as const) {
  test(`the page that signs out navigates away at once - the lines of the other pages, with ${whose}, are closed`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK })
    const stays = [
      await bench.page({ panels: ['errors'], ...settings }),
      await bench.frame({ panels: ['errors'], ...settings }),
    ]
    const goes = await bench.page({ panels: ['errors'], ...settings })
    for (const tab of [...stays, goes]) await isLive(tab)
    await goes.run(({ line }) => {
      void line.signOut()
      location.assign('data:text/html,away')
    })
    for (const tab of stays) await isOut(tab)
    await expect.poll(async () => (await server.state()).connected).toBe(0)
  })
}

test('a page is frozen during a sign-out - its line is closed when it resumes', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], dedicated: true })
  await isLive(tab)
  const isFirst = await tab.run(({ log }) => {
    const key = [...Object.keys(sessionStorage)].find((each) => each.endsWith('/orders')) ?? ''
    // A page gets no storage event for its own changes, so this simulates the other page.
    localStorage.setItem(key.replace(/orders$/, 'signout'), JSON.stringify('another'))
    const before = log.signout.length
    document.dispatchEvent(new Event('resume'))
    return [before, log.signout.length]
  })
  expect(isFirst).toEqual([0, 1])
  await isOut(tab)
})

test('the user signs out while no worker can be started - the lines of all tabs are closed, and the call rejects', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  await bench.file('gone')
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.page({ panels: ['errors'] })]
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  const answer = await tabs[0]?.run(({ line }) =>
    line.signOut().then(
      () => 'fine',
      ({ reason }) => reason,
    ),
  )
  expect(answer).toBe('worker-failed')
  for (const tab of tabs) await isOut(tab)
})

test('two lines on one page with a dedicated worker - a sign-out by one closes the other', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], dedicated: true, lines: 2 })
  await isLive(tab)
  const states = () => tab.run(({ lines }) => lines.map(({ line }) => line.status.state))
  await expect.poll(states).toEqual(['online', 'online'])
  await tab.run(({ lines }) => lines[1]?.line.signOut())
  await expect.poll(states).toEqual(['closed', 'closed'])
  await isOut(tab)
})
