import { expect } from 'vitest'
import { readDatabase } from '../support/database'
import { isLive, type Tab, test } from '../support/setup'

test('sign-out closes every tab of the user, forgets what was kept, and leaves the other user alone', async ({
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
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  for (const tab of [tabs[0], other]) await expect.poll(() => tab?.run(({ events }) => events.length)).toBe(1)

  await tabs[0]?.reload()
  await tabs[1]?.run(({ line }) => line.signOut())
  const notes = (tab: Tab) =>
    tab.run((_, user) => {
      const keys = [...Object.keys(sessionStorage), ...Object.keys(localStorage)]
      return keys.filter((key) => key.includes(encodeURIComponent(user)))
    }, ann.connect.user)
  for (const tab of tabs) {
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('closed')
    expect(await tab.run(({ log }) => log.signout.length)).toBe(1)
    // All that is left is that there was a sign-out, for pages that could not hear of it.
    expect(await notes(tab)).toEqual([expect.stringMatching(/\/signout$/)])
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

  // Signed in again: nothing comes back by itself, and no last value is replayed.
  const again = await bench.page({ panels: ['errors'], ...ann })
  await expect.poll(() => again.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(await again.run(({ events }) => events.length)).toBe(0)
  await tabs[0]?.reload()
  expect(await tabs[0]?.run(({ line }) => line.restored)).toEqual([])
})

const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }

/** The line is over, and was told why, once. */
const isOut = (tab: Tab) =>
  expect.poll(() => tab.run(({ line, log }) => `${line.status.state} ${log.signout.length}`)).toBe('closed 1')

test('each tab has a worker of its own - a sign-out in one reaches all tabs of the user, and nothing is written afterwards', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const own = { dedicated: true, panels: ['errors'] } as const
  const tabs = [await bench.page(own), await bench.page(own), await bench.frame(own)]
  const other = await bench.page({ ...own, connect: { user: `${bench.id} bob` } })
  for (const tab of [...tabs, other]) await isLive(tab)
  const url = await server.url()
  const kept = () => readDatabase(bench.database(url))
  expect(Object.keys(await kept()).length).toBeGreaterThan(2)
  // Their workers write down how far each has got, again and again.
  await server.emitMany('errors', 'row', 1, 50)
  await tabs[0]?.run(({ line }) => line.signOut())
  await server.emitMany('errors', 'row', 51, 100)
  for (const tab of tabs) await isOut(tab)
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  await expect.poll(kept).toEqual({})
  expect(await other.run(({ line, log }) => [line.status.state, log.signout.length])).toEqual(['online', 0])
  await isLive(await bench.frame({ ...own, connect: { user: `${bench.id} eve` } }))
  expect(await kept()).toEqual({})

  // The same user signs in again, and out again.
  const again = [await bench.page(own), await bench.page(own)]
  for (const tab of again) await isLive(tab)
  await again[1]?.run(({ line }) => line.signOut())
  for (const tab of again) await isOut(tab)
  await expect.poll(kept).toEqual({})
  for (const tab of tabs) await isOut(tab)
})

for (const [whose, settings] of [
  ['the shared worker', {}],
  ['workers of their own', { dedicated: true }],
] as const) {
  test(`the page that signs out goes at once - the other pages, with ${whose}, hear of it`, async ({
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

test('a page was frozen during a sign-out - it hears of it when it is thawed', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], dedicated: true })
  await isLive(tab)
  const isFirst = await tab.run(({ log }) => {
    const key = [...Object.keys(sessionStorage)].find((each) => each.endsWith('/orders')) ?? ''
    // A page hears nothing of what it stores itself.
    localStorage.setItem(key.replace(/orders$/, 'signout'), JSON.stringify('another'))
    const before = log.signout.length
    document.dispatchEvent(new Event('resume'))
    return [before, log.signout.length]
  })
  expect(isFirst).toEqual([0, 1])
  await isOut(tab)
})

test('no worker can be started - who signs out is signed out all the same, in all tabs, and hears of the failure', async ({
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

test('two lines of one page with a dedicated worker - a sign-out by one reaches the other', async ({
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
