import { expect, onTestFinished } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'
import { dieAndBlock } from '../support/succession'

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }
const HOUR = 3_600_000

/** Sets the clock back by an hour for the worker, the pages, and later workers. */
async function setBack(bench: Bench, ...tabs: readonly Tab[]) {
  await bench.setClock(-HOUR)
  for (const tab of tabs)
    await tab.run(({ given }, ms) => {
      const wall = Date.now
      Date.now = () => wall() - ms
      const worker = new URL(given.worker, location.href)
      worker.searchParams.set('clock', `${Number(worker.searchParams.get('clock') ?? 0) - ms}`)
      given.worker = worker.href
    }, HOUR)
}

const numbers = (tab: Tab) => tab.run(({ data }) => data().map((each) => (each as { n: number }).n))
const gaps = (tab: Tab) => tab.run(({ log }) => log.gap.filter(({ rooms }) => rooms.includes('errors')))

for (const database of ['works', 'missing'] as const) {
  test(`the clock is set back and the worker dies (IndexedDB ${database}) - each gap is reported`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK, database })
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    await server.emitMany('errors', 'row', 1, 1)
    await expect.poll(() => numbers(tab)).toEqual([1])
    await setBack(bench, tab)
    for (let death = 1; death <= 2; death += 1) {
      const reported = (await gaps(tab)).length
      await server.refuse(true)
      await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
      bench.worker('die')
      const missedAt = await tab.run(() => Date.now())
      await server.emitMany('errors', 'row', 2 * death, 2 * death)
      await server.refuse(false)
      await isLive(tab)
      await expect.poll(async () => (await gaps(tab)).length).toBeGreaterThan(reported)
      const fresh = (await gaps(tab)).slice(reported)
      expect(fresh.filter(({ from, to }) => from <= missedAt && to >= missedAt)).not.toEqual([])
      await server.emitMany('errors', 'row', 2 * death + 1, 2 * death + 1)
      await expect.poll(() => numbers(tab)).toContain(2 * death + 1)
    }
    expect(await numbers(tab)).toEqual([1, 3, 5])
    for (const { from, to } of await gaps(tab)) expect(from).toBeLessThanOrEqual(to)
  })
}

test('the clock is set back while a worker runs - its times never go back, and a gap is reported when it dies', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 1)
  await expect.poll(() => numbers(tab)).toEqual([1])
  await setBack(bench, tab)
  await server.emitMany('errors', 'row', 2, 2)
  await expect.poll(() => numbers(tab)).toEqual([1, 2])
  await server.cut()
  await server.emitMany('errors', 'row', 3, 3)
  await expect.poll(async () => (await gaps(tab)).length).toBe(1)
  await isLive(tab)
  await server.emitMany('errors', 'row', 4, 4)
  await expect.poll(() => numbers(tab)).toEqual([1, 2, 4])
  const [first = 0, second = 0, fourth = 0] = await tab.run(({ events }) => events.map(({ at }) => at))
  const [gap] = await gaps(tab)
  expect(second).toBeGreaterThanOrEqual(first)
  expect(gap?.from).toBeGreaterThanOrEqual(second)
  expect(gap?.to).toBeGreaterThanOrEqual(gap?.from ?? Number.NaN)
  expect(fourth).toBeGreaterThanOrEqual(gap?.to ?? Number.NaN)

  // The next worker starts with the current clock, an hour behind these times.
  await server.refuse(true)
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  bench.worker('die')
  const missedAt = await tab.run(() => Date.now())
  await server.emitMany('errors', 'row', 5, 5)
  await server.refuse(false)
  await isLive(tab)
  await expect.poll(async () => (await gaps(tab)).length).toBeGreaterThan(1)
  const fresh = (await gaps(tab)).slice(1)
  expect(fresh.filter(({ from, to }) => from <= missedAt && to >= missedAt)).not.toEqual([])
})

test('the clock is set back, the worker dies, and a busy page comes to the next one late - the gap covers what it missed', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  const other = await bench.page()
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 1)
  await expect.poll(() => numbers(tab)).toEqual([1])
  await setBack(bench, tab, other)
  const isFree = dieAndBlock(bench, tab, 1200)
  const missedAt = Date.now() - HOUR
  await isFree
  await isLive(tab)
  await server.emitMany('errors', 'row', 2, 2)
  await expect.poll(() => numbers(tab)).toEqual([1, 2])
  const reported = await gaps(tab)
  expect(reported.filter(({ from, to }) => from <= missedAt && to >= missedAt)).toHaveLength(1)
})

test('the clock is set back and the connection goes silent - the watchdog still notices it in time', async ({
  bench,
}) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  bench.serve({
    url: await proxy.url(),
    ...QUICK,
    keepalive: { every: 500, misses: 3 },
    socket: { timeout: 500 },
  })
  const tab = await bench.page({ panels: ['errors'] })
  const beat = setInterval(() => void server.broadcast('keepalive').catch(() => {}), 100)
  onTestFinished(() => clearInterval(beat))
  await isLive(tab)
  await proxy.dropBytes()
  await bench.setClock(-HOUR)
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  clearInterval(beat)
})

for (const [database, share] of [
  ['works', true],
  ['works', false],
  ['missing', true],
] as const) {
  test(`a tab reloads with a new dedicated worker whose clock is an hour behind (IndexedDB ${database}, ${share ? 'shared' : 'its own'}) - the gap is reported`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK, database })
    const tab = await bench.page({ panels: ['errors'], dedicated: true, connect: { share } })
    await isLive(tab)
    await bench.setClock(HOUR)
    await server.emitMany('errors', 'row', 1, 1)
    await expect.poll(() => numbers(tab)).toEqual([1])
    const address = await tab.run(() => location.href)
    await tab.goto('data:text/html,away')
    const missedAt = Date.now()
    await server.emitMany('errors', 'row', 2, 2)
    await tab.goto(address)
    await isLive(tab)
    await server.emitMany('errors', 'row', 3, 3)
    await expect.poll(() => numbers(tab)).toContain(3)
    const reported = await gaps(tab)
    expect(reported.filter(({ from, to }) => from <= missedAt && to >= missedAt)).not.toEqual([])
  })
}
