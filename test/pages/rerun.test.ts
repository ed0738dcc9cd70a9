import { expect } from 'vitest'
import { isLive, test } from '../support/setup'
import { block, expectServed, openTabs, QUICK, record, turnsOf } from '../support/succession'

/** A worker that begins anew, or is slow to start, while something else happens. */

const PLAIN = { host: 'plain.test' }
const KINDS = [
  ['with locks', {}],
  ['without locks', PLAIN],
] as const

for (const [locks, settings] of KINDS) {
  test(`the worker begins anew while a page is blocked, ${locks} - that page is served once it is free, and nothing is lost`, async ({
    bench,
  }) => {
    const server = await bench.server({ recovery: true })
    bench.serve({ url: await server.url(), ...QUICK }, 'rerun')
    const rerun = await bench.rerunnable(settings)
    const tabs = await openTabs(bench, server, 2, settings)
    const [blocked, free] = tabs
    const isFree = block(blocked, 1500)
    await rerun()
    await isLive(free)
    await server.emitMany('errors', 'row', 4, 6)
    await expect.poll(() => record(free)).toEqual([1, 2, 3, 4, 5, 6])
    await isFree
    await expectServed(server, tabs, 7)
    for (const tab of tabs) expect(await record(tab)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect((await server.state()).connections.length).toBe(2)
  })

  test(`the worker begins anew three times in a row, ${locks} - every tab is served by the last one`, async ({
    bench,
  }) => {
    const server = await bench.server({ recovery: true })
    bench.serve({ url: await server.url(), ...QUICK }, 'rerun')
    const rerun = await bench.rerunnable(settings)
    const tabs = await openTabs(bench, server, 3, settings)
    const before = Date.now()
    for (let n = 0; n < 3; n += 1) await rerun()
    await expectServed(server, tabs, 4)
    for (const tab of tabs) {
      const [onlineAt] = (await turnsOf(tab)).at(-1) ?? []
      expect(onlineAt).toBeLessThan(before + 3000)
    }
  })

  test(`the worker begins anew while a message is under way, ${locks} - the send rejects at once`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK }, 'rerun')
    const rerun = await bench.rerunnable(settings)
    const [tab] = await openTabs(bench, server, 1, settings)
    await server.answer('alarm:ack', 'nothing')
    const unanswered = tab.run(({ send }) => send('alarm:ack', { n: 1 }, { timeout: 20_000 }))
    await expect.poll(async () => (await server.messages()).length).toBe(1)
    const before = Date.now()
    await rerun()
    expect(await unanswered).toMatchObject({ reason: 'unanswered' })
    expect(Date.now() - before).toBeLessThan(2000)
  })
}

test('the worker begins anew while a tab is frozen - the others are served, and the frozen one once it wakes', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK }, 'rerun')
  const rerun = await bench.rerunnable()
  const tabs = await openTabs(bench, server, 1)
  const frozen = await bench.freezable({ panels: ['errors'] })
  await isLive(frozen)
  await frozen.freeze(true)
  await rerun()
  await expectServed(server, tabs, 4)
  await frozen.freeze(false)
  await expectServed(server, [...tabs, frozen], 7)
  expect((await record(frozen)).slice(-6)).toEqual([4, 5, 6, 7, 8, 9])
  expect((await server.state()).connections.length).toBe(2)
})

for (const [locks, settings] of KINDS) {
  for (const which of ['first', 'second'] as const) {
    test(`the ${which} worker of a hand-over begins anew meanwhile, ${locks} - one worker serves every tab in the end`, async ({
      bench,
    }) => {
      const server = await bench.server({ recovery: true })
      bench.serve({ url: await server.url(), ...QUICK }, 'rerun')
      const rerunFirst = await bench.rerunnable(settings)
      const tabs = await openTabs(bench, server, 2, settings)
      // The first worker asks each page before it hands over, and waits 500 ms for this one.
      const isFree = block(tabs[0], 2000)
      bench.deploy('next')
      const rerunSecond = await bench.rerunnable(settings)
      await (which === 'first' ? rerunFirst() : rerunSecond())
      await isFree
      const all = [...tabs, await bench.page({ panels: ['errors'], ...settings })]
      await expect.poll(async () => (await server.state()).connected).toBe(1)
      await expectServed(server, all, 4)
    })
  }
}

for (const [which, slow] of [
  ['serves', { first: 3900, next: 700 }],
  ['is left', { first: 7000, next: 100 }],
] as const) {
  test(`the next worker is slow to start, so that the pages leave its name, and then it ${which} - one worker serves all, over one connection`, async ({
    bench,
  }) => {
    const server = await bench.server({ recovery: true })
    bench.serve({ url: await server.url(), ...QUICK })
    const tabs = await openTabs(bench, server, 2)
    // The text that the next workers run. The pages leave the first name after 3.7 s.
    const time = `self.name.split('/').length === 3 ? ${slow.first} : ${slow.next}`
    await bench.edit(`for (const until = Date.now() + (${time}); Date.now() < until;);`)
    bench.worker('die')
    await expectServed(server, tabs, 4)
    for (const tab of tabs) expect(await record(tab)).toEqual([1, 2, 3, 4, 5, 6])
    const { worker } = await tabs[0].run(({ line }) => line.inspect())
    expect(worker.split('/').length).toBe(which === 'serves' ? 3 : 4)
    // The other has not opened a connection.
    expect((await server.state()).connections.length).toBe(2)
  })
}
