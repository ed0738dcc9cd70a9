import { expect } from 'vitest'
import { type Tab, test } from '../support/setup'

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
    expect(await notes(tab)).toEqual([])
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
