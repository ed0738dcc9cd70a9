import { connect } from 'partyline'
import { expect, onTestFinished } from 'vitest'
import { isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }

/** What a dashboard shows: the state of the connection, its error, and the state of a panel. */
const shown = (tab: Tab) =>
  tab.run(({ line }) => [line.status.state, line.status.error?.reason ?? 'fine', line.panel('errors').state])

const numbers = (tab: Tab) =>
  tab.run(({ received }) =>
    received.map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

test('the worker dies while its file is missing - no page is online or live until it is back, and a gap is reported', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  // The watchdog would notice the worker's end only after this test.
  const settings = { panels: ['errors'], connect: { timeout: 60_000 } }
  const tabs = [await bench.page(settings), await bench.frame(settings)]
  for (const tab of tabs) await isLive(tab)
  await server.emitMany('errors', 'row', 1, 2)
  for (const tab of tabs) {
    await expect.poll(() => numbers(tab)).toEqual([1, 2])
    await tab.run(({ line }) => {
      const looks: string[] = []
      Object.assign(window, { looks })
      line.on('panels', () => looks.push(line.panel('errors').state))
    })
  }

  await bench.file('gone')
  const before = Date.now()
  bench.worker('die')
  for (const tab of tabs) {
    const isStale = () =>
      tab.run(({ line }) => line.status.state !== 'online' && line.panel('errors').state === 'stale')
    await expect.poll(isStale).toBe(true)
    await expect.poll(() => shown(tab)).toEqual(['offline', 'worker-failed', 'stale'])
    expect(await tab.run(() => (window as unknown as { looks: string[] }).looks)).toEqual(['stale'])
    const { since, rooms } = await tab.run(({ line }) => line.panel('errors'))
    expect(since).toBeGreaterThanOrEqual(before)
    expect(rooms).toEqual({ errors: 'stale', stats: 'stale' })
    // The status says that the worker died, then that no other can be started. It is retried each second.
    const reported = async () =>
      (await tab.run(({ log }) => log.status.map(({ state, error }) => `${state} ${error?.reason}`))).slice(
        -2,
      )
    await expect.poll(reported).toEqual(['offline worker-failed', 'offline worker-failed'])
    const statuses = await tab.run(({ log }) => log.status)
    const died = statuses.findLastIndex(({ state }) => state === 'online') + 1
    expect(statuses[died]).toMatchObject({ state: 'connecting', error: { reason: 'worker-died' } })
    const offline = statuses.slice(died).filter(({ state }) => state === 'offline')
    expect(offline[0]?.nextTryAt).toBeGreaterThan(before)
    expect(new Set(offline.map(({ since }) => since)).size).toBe(1)
  }
  await server.emitMany('errors', 'row', 3, 4)

  await bench.file('back')
  for (const tab of tabs) {
    await expect.poll(() => shown(tab)).toEqual(['online', 'fine', 'live'])
    await expect.poll(() => tab.run(({ log }) => log.gap.length)).toBeGreaterThan(0)
  }
  await server.emitMany('errors', 'row', 5, 6)
  for (const tab of tabs) {
    await expect.poll(async () => (await numbers(tab)).slice(-2)).toEqual([5, 6])
    expect((await numbers(tab)).filter((each) => each !== 'worker')).toEqual([1, 2, 5, 6])
    expect(await tab.run(({ log }) => log.error.map(({ reason }) => reason))).toEqual(['worker-failed'])
    const gaps = await tab.run(({ log }) => log.gap)
    expect(new Set(gaps.flatMap(({ rooms }) => rooms))).toEqual(new Set(['errors', 'stats']))
    for (const { from } of gaps) expect(from).toBeLessThanOrEqual(before)
  }
})

test('no worker can be started, and the page calls retry() - the next try starts at once', async ({
  bench,
}) => {
  const server = await bench.server()
  const query = new URLSearchParams({ options: JSON.stringify({ url: await server.url() }), test: bench.id })
  const address = `/test/support/dashboard.worker.ts?worker_file&type=module&${query}`
  let starts = 0
  let isBlocked = true
  let isDue = false
  const startedWhenDue: boolean[] = []
  const line = connect(
    (options) => {
      starts += 1
      if (isBlocked) throw new Error('blocked')
      startedWhenDue.push(isDue)
      return new SharedWorker(address, { ...options, type: 'module' })
    },
    { user: bench.id },
  )
  onTestFinished(() => line.close())
  line.on('error', () => {})
  await expect.poll(() => line.status.error?.message).toContain('blocked')
  await new Promise<void>((failed) => {
    line.on('status', ({ nextTryAt }) => nextTryAt !== undefined && failed())
  })
  const before = starts
  await expect(line.retry()).rejects.toMatchObject({ reason: 'worker-failed' })
  expect(starts).toBe(before + 1)
  isBlocked = false
  // A page that is late runs its timers in the order in which they are due. A retry starts a quarter of a second later.
  const wait = (line.status.nextTryAt ?? 0) - Date.now()
  setTimeout(() => {
    isDue = true
  }, wait / 2)
  const answers = Promise.all([line.retry(), line.inspect()])
  expect((await answers)[1].tabs).toHaveLength(1)
  expect(startedWhenDue).toEqual([false])
  expect(starts).toBe(before + 2)
})

test('subscribe while there is no worker - the next worker joins the rooms', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await bench.file('gone')
  bench.worker('die')
  await expect.poll(() => shown(tab)).toEqual(['offline', 'worker-failed', 'stale'])
  await tab.run(({ toggle }) => toggle('tmux'))
  expect(await tab.run(({ line }) => line.panel('tmux').state)).toBe('joining')
  await bench.file('back')
  for (const panel of ['errors', 'tmux']) await isLive(tab, panel)
  expect(await tab.run(({ log }) => log.error.map(({ reason }) => reason))).toEqual(['worker-failed'])
})

test('a dedicated worker fails at its first start - the line is offline with the reason, then online', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], dedicated: true, fails: 1 })
  await isLive(tab)
  const reported = await tab.run(({ log }) =>
    log.status.map(({ state, error }) => `${state} ${error?.reason}`),
  )
  expect(reported[0]).toBe('offline worker-failed')
  expect(reported.at(-1)).toBe('online undefined')
})
