import { expect, onTestFinished } from 'vitest'
import { tabIds } from '../support/database'
import type { Shown } from '../support/screen'
import { isLive, type Tab, test } from '../support/setup'
import type { TabWindow } from '../support/tab'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** What the tab received, its earlier pages included: the numbers of events, and the causes of gaps. */
const record = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().flatMap((each): (number | string)[] => {
      if ('cause' in each) return [each.cause]
      return each.replayed ? [] : [(each.data as { n: number }).n]
    }),
  )

for (const [how, go] of [
  ['is closed', (tab: Tab) => tab.close()],
  ['crashes', (tab: Tab) => tab.crash()],
  ['navigates away', (tab: Tab) => tab.goto('data:text/html,away')],
] as const) {
  test(`a tab ${how} - its rooms are left within the grace period and one second`, async ({ bench }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK })
    const stays = await bench.frame({ panels: ['tmux'] })
    const goes = await bench.page({ panels: ['errors'] })
    await isLive(goes)
    await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
    await go(goes)
    const start = Date.now()
    await expect.poll(async () => (await server.state()).rooms).toEqual([['tmux']])
    // The grace period, the second before a room is left, and some time for the messages.
    expect(Date.now() - start).toBeLessThan(QUICK.grace + 1000 + 800)
    expect(await stays.run(({ line }) => line.status.state)).toBe('online')
  })
}

test('a tab is discarded and restored - it is the same tab, and gets the events it missed', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, grace: 20_000 })
  const stays = await bench.page({ panels: ['errors'] })
  const tab = await bench.page({ panels: ['errors'] })
  for (const each of [stays, tab]) await isLive(each)
  await server.emitMany('errors', 'row', 1, 3)
  await expect.poll(() => record(tab)).toEqual([1, 2, 3])
  const unanswered = async () =>
    (await stays.run(({ line }) => line.inspect())).tabs.map((each) => each.unanswered)
  await expect.poll(unanswered).toEqual([0, 0])
  const storage = await tab.run(() => ({ ...sessionStorage }))
  // A discarded page gets no `pagehide`, and the restored page has its session storage.
  await tab.crash()
  await expect
    .poll(async () => (await stays.run(({ line }) => line.inspect())).tabs.map(({ here }) => here))
    .toContain(false)
  await server.emitMany('errors', 'row', 4, 6)
  await expect.poll(() => record(stays)).toEqual(count(1, 6))
  const back = await bench.page({ panels: ['errors'], storage })
  await isLive(back)
  await expect.poll(() => record(back)).toEqual([4, 5, 6])
  expect((await stays.run(({ line }) => line.inspect())).tabs).toHaveLength(2)
})

test('the tab that started the worker reloads - the other tabs work on, and nothing is lost', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, grace: 20_000 })
  const host = await bench.page({ panels: ['errors'], extendedLifetime: false })
  await isLive(host)
  const other = await bench.page({ panels: ['errors'], extendedLifetime: false })
  await isLive(other)
  for (let round = 0; round < 3; round += 1) {
    const reloaded = host.reload()
    await server.emitMany('errors', 'row', round * 20 + 1, round * 20 + 20)
    await reloaded
    for (const tab of [host, other]) await expect.poll(() => record(tab)).toEqual(count(1, round * 20 + 20))
  }
})

test('the process of the worker is killed - the other tabs are live again within two seconds', async ({
  bench,
}) => {
  bench.needs('a worker in the process of its page')
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, grace: 20_000 })
  const host = await bench.page({ panels: ['errors'] })
  await isLive(host)
  // Firefox connects a tab to the dead worker as long as another one has its port to it open.
  const others = [await bench.page({ panels: ['errors'] }), await bench.page({ panels: ['errors'] })]
  for (const other of others) await isLive(other)
  await server.emitMany('errors', 'row', 1, 2)
  for (const other of others) await expect.poll(() => record(other)).toEqual([1, 2])
  await host.crash()
  const closedAt = async () => (await server.state()).connections[0]?.closedAt ?? Infinity
  await expect.poll(closedAt).toBeLessThan(Infinity)
  await server.emitMany('errors', 'row', 3, 4)
  for (const other of others) {
    await expect.poll(() => record(other)).toEqual([1, 2, 3, 4])
    await isLive(other)
  }
  for (const other of others)
    expect(await other.run(({ times }) => times.at(-1))).toBeLessThan((await closedAt()) + 2000)
})

test('the worker script is missing during a deployment - it is requested again', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], fails: 2 })
  await isLive(tab)
  expect(await tab.run(({ log }) => log.error.map((error) => (error as { reason: string }).reason))).toEqual([
    'worker-failed',
  ])
})

test('a dedicated worker throws after it has started - it works on, and no page assumes that it failed to start', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], dedicated: true })
  await isLive(tab)
  const incarnation = async () => (await tab.run(({ line }) => line.inspect())).incarnation
  const before = await incarnation()
  bench.worker('throw')
  const thrown = () => tab.run(({ complaints }) => complaints.filter((each) => each.includes('oops')).length)
  await expect.poll(thrown).toBe(10)
  expect(await incarnation()).toBe(before)
  expect(await tab.run(({ log }) => log.error.map(({ reason }) => reason))).toEqual([])
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(tab)).toEqual([1, 2])
})

test('a tab is opened with a copied id - it is a new tab; the original reloads - it is still the same tab', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, grace: 20_000 })
  const original = await bench.page({ panels: ['errors'] })
  await isLive(original)
  const stays = await bench.frame({ panels: ['tmux'] })
  const copy = await original.run(async () => {
    const opened = window.open(location.href)
    if (!opened) throw new Error('no window')
    Object.assign(window, { opened })
    while (!('tab' in opened)) await new Promise((done) => setTimeout(done, 10))
    const { line } = opened.tab as TabWindow
    await line.ready
    return line.restored
  })
  expect(copy).toEqual(['errors'])
  const tabs = async () => (await stays.run(({ line }) => line.inspect())).tabs
  expect((await tabs()).filter(({ panels }) => panels[0]?.[0] === 'errors')).toHaveLength(2)
  const [id] = (await tabs()).map((tab) => tab.id)
  await original.run(() => (window as unknown as { opened: Window }).opened.close())
  await original.reload()
  await isLive(original)
  expect((await tabs()).find((tab) => tab.id === id)).toMatchObject({ here: true })
})

test('a page and its successor have the same tab id - the later one gets the events', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  // A second page registers with the same id, like a page whose predecessor has not ended yet.
  const [id = ''] = await tabIds(bench.database(await server.url()))
  const answers = await tab.run(async ({ line }, id) => {
    const { worker } = await line.inspect()
    const address = new URL(
      JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}').worker,
      location.href,
    )
    const { port } = new SharedWorker(address, {
      name: worker,
      type: 'module',
      extendedLifetime: true,
    } as WorkerOptions)
    const call = (method: string, ...args: unknown[]) =>
      new Promise<unknown>((resolve) => {
        const id = Math.random().toString(36)
        port.addEventListener('message', ({ data }) => data.id === id && resolve(data.value))
        port.start()
        const transfer = args.filter((each) => each instanceof MessagePort) as MessagePort[]
        const argumentList = args.map((value) => ({ type: 'RAW', value }))
        port.postMessage({ id, type: 'APPLY', path: [method], argumentList }, transfer)
      })
    const { port1, port2 } = new MessageChannel()
    const heard: unknown[] = []
    port1.onmessage = ({ data }) => {
      port1.postMessage({ type: 'took' })
      if (data.type === 'events' || data.type === 'opened') heard.push(...data.events)
    }
    Object.assign(window, { heard })
    await call('hello', { protocol: 1, worker, tab: id }, port2)
    await call('subscribe', ['errors'])
    return (await line.inspect()).tabs.length
  }, id)
  expect(answers).toBe(1)
  await server.emitMany('errors', 'row', 1, 2)
  await expect
    .poll(() =>
      tab.run(() =>
        (window as unknown as { heard: { data: { n: number } }[] }).heard.map(({ data }) => data.n),
      ),
    )
    .toEqual([1, 2])
  expect((await server.state()).connections).toHaveLength(1)
})

test('plain http, without locks and randomUUID - a tab crashes, and is forgotten because its heartbeat stops', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, grace: 6000 })
  const plain = { host: 'plain.test' }
  const stays = await bench.page({ panels: ['tmux'], ...plain })
  expect(await stays.run(() => [isSecureContext, 'locks' in navigator])).toEqual([false, false])
  const goes = await bench.page({ panels: ['errors'], ...plain })
  await isLive(goes)
  expect((await server.state()).connections).toHaveLength(1)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(goes)).toEqual([1, 2])
  await goes.reload()
  await isLive(goes)
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(() => record(goes)).toEqual([1, 2, 3, 4])
  await goes.crash()
  await expect.poll(async () => (await server.state()).rooms, { timeout: 40_000 }).toEqual([['tmux']])
  expect(await stays.run(({ line }) => line.status.state)).toBe('online')
})

test('a frame of another site, without locks and storage - its own worker serves it', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const sums: number[] = []
  const hear = ({ data }: MessageEvent<Shown>) => data.screen && sums.push(data.sum)
  window.addEventListener('message', hear)
  const frame = document.createElement('iframe')
  const host = location.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
  frame.src = bench.screen({ host, dedicated: true })
  document.body.append(frame)
  onTestFinished(() => {
    window.removeEventListener('message', hear)
    frame.remove()
  })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await server.emitMany('errors', 'row', 1, 3)
  await expect.poll(() => sums.at(-1)).toBe(6)
  expect((await server.state()).connections).toHaveLength(1)
})

test('a tab is blocked during a burst of 50 MB - its memory is bounded, and the other tabs do not wait', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const quick = await bench.page({ panels: ['errors'] })
  await isLive(quick)
  const slow = await bench.alone({ panels: ['errors'] })
  await isLive(slow)
  await server.emitMany('errors', 'row', 1, 1)
  for (const tab of [quick, slow]) await expect.poll(() => record(tab)).toEqual([1])
  const before = await slow.memory()
  let isBlocked = true
  const blocked = slow
    .run(() => {
      const until = Date.now() + 10_000
      while (Date.now() < until);
    })
    .then(() => {
      isBlocked = false
    })
  // All at once, they would be too many for the quick tab of a slow machine as well.
  for (let first = 2; first < 5001; first += 500) {
    await server.emitLarge('errors', 'row', first, first + 499, 10_000)
    await expect.poll(() => quick.run(({ events }) => events.length)).toBe(first + 499)
  }
  expect(isBlocked).toBe(true)
  const during = await slow.memory()
  if (before !== undefined && during !== undefined) expect(during - before).toBeLessThan(20)
  await blocked
  await expect.poll(() => record(slow)).toContain(5001)
  const received = await record(slow)
  const numbers = received.filter((each) => typeof each === 'number')
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  expect(received).toContain('queue')
  expect(numbers.length).toBeLessThan(2000)
  const { counters } = await quick.run(({ line }) => line.inspect())
  expect(counters.dropped).toBeGreaterThan(3000)
})
