import { expect } from 'vitest'
import { isLive, test } from '../support/setup'
import {
  dieAndBlock,
  expectHonest,
  expectServed,
  openTabs,
  QUICK,
  record,
  turnsOf,
} from '../support/succession'

/** The worker ends, or begins anew, and another serves all tabs. */

for (const [which, index] of [
  ['the page that has started it', 0],
  ['another page', 1],
] as const) {
  test(`the worker closes itself while ${which} is blocked - the next one serves every tab, and none is online without it`, async ({
    bench,
  }) => {
    const server = await bench.server({ recovery: true })
    bench.serve({ url: await server.url(), ...QUICK })
    const tabs = await openTabs(bench, server, 2)
    const [blocked, free] = index === 0 ? tabs : [tabs[1], tabs[0]]
    const unblocked = dieAndBlock(bench, blocked, 1200)
    await expect.poll(async () => (await server.state()).connections.length).toBe(2)
    await unblocked
    await expectServed(server, tabs, 4)
    await expectHonest(server, free)
    for (const tab of tabs) expect(await record(tab)).toEqual([1, 2, 3, 4, 5, 6])
  })
}

test('the worker hangs, and the next one takes 2 s to start - it serves every tab, and no third one takes its place', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, grace: 10_000 })
  await bench.edit('for (const until = Date.now() + 2000; Date.now() < until;);')
  const tabs = await openTabs(bench, server, 3, { connect: { timeout: 2000 } })
  bench.worker(14_000)
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  for (const tab of tabs) await isLive(tab)
  await server.emitMany('errors', 'row', 4, 6)
  // A third one would serve within this time.
  await tabs[0].run(() => new Promise((done) => setTimeout(done, 4000)))
  expect((await server.state()).connections).toHaveLength(2)
  for (const tab of tabs) expect((await record(tab)).slice(-3)).toEqual([4, 5, 6])
})

for (const [locks, settings] of [
  ['with locks', {}],
  ['without locks', { host: 'plain.test' }],
] as const) {
  for (const recovery of [true, false]) {
    test(`the browser begins the worker anew on the same ports, ${locks} - every tab is served again within 2 s${recovery ? '' : ', and gets one gap'}`, async ({
      bench,
    }) => {
      const server = await bench.server({ recovery })
      bench.serve({ url: await server.url(), ...QUICK }, 'rerun')
      const rerun = await bench.rerunnable(settings)
      const tabs = await openTabs(bench, server, 3, settings)
      const before = Date.now()
      await rerun()
      await server.emitMany('errors', 'row', 4, 6)
      // Until then the pages may say that they are live, as with the worker before.
      await expect.poll(async () => (await server.state()).connections.length).toBe(2)
      await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
      await expectServed(server, tabs, 7)
      for (const tab of tabs) {
        await expectHonest(server, tab)
        const [onlineAt] = (await turnsOf(tab)).at(-1) ?? []
        expect(onlineAt).toBeLessThan(before + 2000)
        const received = await record(tab)
        if (recovery) expect(received).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
        // The server sends to nobody until the rooms are joined again.
        else
          expect(received.filter((each) => typeof each === 'string' || each < 4)).toEqual([1, 2, 3, 'worker'])
      }
    })
  }
}
