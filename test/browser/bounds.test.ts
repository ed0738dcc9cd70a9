import { expect } from 'vitest'
import { type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }

const inspect = (tab: Tab) => tab.run(({ line }) => line.inspect())
const reasons = (tab: Tab) =>
  tab.run(({ log }) => log.error.map((error) => (error as { reason: string }).reason))

test('a tab subscribes to more panels than the limit - the rest are refused, and the first 200 work', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page()
  await tab.run(({ subscribe }) => {
    for (let n = 0; n < 210; n += 1) subscribe(['workflow', String(n)])
  })
  await expect.poll(() => reasons(tab)).toEqual(Array.from({ length: 10 }, () => 'limit'))
  const { tabs, counters } = await inspect(tab)
  expect(tabs[0]?.panels).toHaveLength(200)
  expect(counters.refused).toBe(10)
  await expect.poll(() => tab.run(({ line }) => line.panel(['workflow', '199']).state)).toBe('live')
  await server.emit('adw-state/199', 'row', { room: 'adw-state/199', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data().length)).toBe(1)
})

test('an event that is too large is dropped and counted, and a gap is reported in its place', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, largest: 1000 })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emitMany('errors', 'row', 1, 1)
  await server.emitLarge('errors', 'row', 2, 2, 2000)
  await server.emitMany('errors', 'row', 3, 3)
  await expect
    .poll(() =>
      tab.run(({ received }) =>
        received.map((each) =>
          'cause' in each ? `${each.cause} ${each.rooms}` : (each.data as { n: number }).n,
        ),
      ),
    )
    .toEqual([1, 'queue errors', 3])
  expect((await inspect(tab)).counters.oversized).toBe(1)
  await expect
    .poll(() => bench.consoleMessages.filter((words) => words.includes('longer than 1000')))
    .toHaveLength(1)
})

test('one worker serves 1,000 tabs, and refuses the next one with the reason "limit"', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const answers = await tab.run(async ({ line }) => {
    const { worker } = await line.inspect()
    const { worker: address } = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}')
    const options = { name: worker, type: 'module', extendedLifetime: true } as WorkerOptions
    const hello = (n: number) => {
      const { port } = new SharedWorker(address, options)
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => port1.postMessage({ type: 'took' })
      const value = { protocol: 1, worker, tab: `tab ${n}` }
      port.postMessage(
        {
          ...{ id: String(n), type: 'APPLY', path: ['hello'] },
          argumentList: [
            { type: 'RAW', value },
            { type: 'RAW', value: port2 },
          ],
        },
        [port2],
      )
      return new Promise<string>((resolve) => {
        port.onmessage = ({ data }) => {
          // The worker first says that it has started.
          if ('id' in data) resolve(data.name === 'throw' ? data.value.value.reason : 'welcome')
        }
      })
    }
    const all = await Promise.all(Array.from({ length: 1001 }, (_, n) => hello(n)))
    const count = (answer: string) => all.filter((each) => each === answer).length
    // A browser may connect pages in another order than they ask.
    return { welcome: count('welcome'), limit: count('limit') }
  })
  expect(answers).toEqual({ welcome: 999, limit: 2 })
  // On a busy machine the worker is not done with so many arrivals before the call's own limit of five seconds.
  await expect.poll(async () => (await inspect(tab)).tabs.length).toBe(1000)
  await server.emitMany('errors', 'row', 1, 1)
  await expect.poll(() => tab.run(({ data }) => data().length)).toBe(1)
})

test('the snapshot has the last 50 outages with reason and duration, and the round trips', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), retry: { first: 1, every: 1 } })
  const tab = await bench.page({ panels: ['errors'] })
  for (let round = 1; round <= 55; round += 1) {
    await expect.poll(async () => (await server.state()).connections.length).toBe(round)
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
    if (round === 55) await server.kick()
    else await server.cut()
  }
  await expect.poll(async () => (await server.state()).connections.length).toBe(56)
  // The panel may still be live from before the drop.
  await expect.poll(async () => (await inspect(tab)).counters).toMatchObject({ connects: 56, drops: 55 })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const { link, counters, timeline } = await inspect(tab)
  expect(link.outages).toHaveLength(50)
  expect(link.outages.at(-1)).toMatchObject({ reason: 'io server disconnect', recovered: false })
  expect(link.outages.at(-2)).toMatchObject({ reason: 'transport close', recovered: true })
  expect(link.downtime).toBeGreaterThanOrEqual(
    link.outages.reduce((sum, outage) => sum + (outage.for ?? 0), 0),
  )
  expect(link.upSince).toBeLessThanOrEqual(Date.now())
  expect(link.roundTrips.length).toBeGreaterThan(0)
  expect(timeline.length).toBeLessThanOrEqual(200)
  expect(counters.unrecorded).toBeGreaterThanOrEqual(5)
})
