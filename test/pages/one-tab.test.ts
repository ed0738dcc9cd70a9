import { expect, onTestFinished } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'
import type { Report, TabSettings } from '../support/tab'

/** Each event of a panel for one tab of many, and the tab that leads. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

type Rung = Extract<Report, { readonly n: number }>

/** A server with recovery, and what the tabs report. */
async function setUp(bench: Bench, options: object = {}) {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, ...options })
  const channel = new BroadcastChannel(`one ${bench.id}`)
  onTestFinished(() => channel.close())
  const reports: Report[] = []
  channel.onmessage = ({ data }: MessageEvent<Report>) => {
    reports.push(data)
    // What different tabs have posted may come in another order.
    reports.sort((a, b) => a.at - b.at)
  }
  const rung = () => reports.filter((report): report is Rung => 'n' in report)
  return {
    server,
    reports,
    rung,
    /** Who has handled each event, in the order in which they were handled. */
    rang: () => rung().map(({ tab, n }) => `${tab} ${n}`),
    async open(name: string, settings: Partial<TabSettings> = {}) {
      const tab = await bench.page({ name, one: ['errors'], ...settings })
      await isLive(tab)
      return tab
    },
    emit: (from: number, to = from) => server.emitMany('errors', 'row', from, to),
  }
}

const show = (tab: Tab, state: 'visible' | 'hidden') => tab.run(({ show }, to) => show(to), state)

test('three tabs - each event goes to the one in front, else to the one that was last, and last values to none', async ({
  bench,
}) => {
  const { open, emit, rang, rung } = await setUp(bench)
  const a = await open('a')
  const b = await open('b')
  await emit(1)
  await expect.poll(rang).toEqual(['b 1'])
  await open('late', { inBackground: true })
  await show(a, 'visible')
  await emit(2)
  await expect.poll(rang).toEqual(['b 1', 'a 2'])
  await b.run(() => void window.dispatchEvent(new Event('focus')))
  await emit(3)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3'])
  await show(b, 'hidden')
  await emit(4)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3', 'a 4'])
  await show(a, 'hidden')
  await emit(5)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3', 'a 4', 'b 5'])
  await b.close()
  await emit(6)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3', 'a 4', 'b 5', 'a 6'])
  expect(rung().filter(({ replayed }) => replayed)).toEqual([])
})

test('a tab reloads in the background - it is still the one that was in front last', async ({ bench }) => {
  const { open, emit, rang } = await setUp(bench)
  const a = await open('a', { inBackground: true })
  const b = await open('b', { inBackground: true })
  const inFront = () =>
    a.run(async ({ line }) => (await line.inspect()).tabs.filter(({ visible }) => visible).length)
  for (const [index, tab] of [b, a].entries()) {
    await show(tab, 'visible')
    // The worker has the time at which it hears of this, and the page that reloads says the time at which it happened.
    await expect.poll(inFront).toBe(index + 1)
  }
  for (const tab of [a, b]) await show(tab, 'hidden')
  await a.reload()
  await isLive(a)
  await emit(1)
  await expect.poll(rang).toEqual(['a 1'])
})

test('tabs that listen to lead - the one in front leads, never two at once, also when its line is closed or its page ends', async ({
  bench,
}) => {
  const { open, reports } = await setUp(bench)
  const leads = () =>
    reports.flatMap((report) => ('leads' in report ? [`${report.tab} ${report.leads}`] : []))
  const a = await open('a', { leads: true })
  await expect.poll(leads).toEqual(['a true'])
  const b = await open('b', { leads: true })
  await expect.poll(leads).toEqual(['a true', 'a false', 'b true'])
  reports.splice(0)
  const c = await open('c', { leads: true, inBackground: true })
  await expect.poll(leads).toEqual(['c false'])
  await show(a, 'visible')
  await expect.poll(leads).toEqual(['c false', 'b false', 'a true'])
  reports.splice(0)
  await a.run(({ line }) => line.close())
  await expect.poll(leads).toEqual(['a false', 'b true'])
  reports.splice(0)
  // The page ends. When a tab is closed, Firefox may end its process before it sends what the page has reported.
  await b.goto('about:blank')
  await expect.poll(leads).toEqual(['b false', 'c true'])
  const heard = c.run(
    ({ line }) =>
      new Promise((resolve) => {
        const stop = line.on('lead', (now) => {
          stop()
          resolve(now)
        })
      }),
  )
  expect(await heard).toBe(true)
})

/** A reported event, and whether it came once and in order. */
const numbers = (rung: readonly Rung[]) => rung.map(({ n }) => n)

test('five tabs and 1,000 alarms, with tabs closed, crashed, reloaded, blocked and hidden - each alarm is handled once, in order, by a tab in front if there is one', async ({
  bench,
}) => {
  const { open, emit, rung } = await setUp(bench)
  const tabs: Tab[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) tabs.push(await open(name, { panels: ['errors'] }))
  const [a, b, c, d, e] = tabs as [Tab, Tab, Tab, Tab, Tab]
  let last = 0
  /** Emits 100 alarms while something happens to a tab. */
  async function during(act: () => Promise<unknown>) {
    const first = last + 1
    last += 100
    await emit(first, first + 39)
    const done = act()
    await emit(first + 40, last)
    await done
    await expect.poll(() => rung().length).toBeGreaterThanOrEqual(last)
  }
  await during(async () => {})
  // The worker lives in the process of the first tab, which stays.
  await during(() => e.reload())
  await during(() => show(e, 'hidden'))
  await during(() => d.crash())
  await during(() =>
    c.run(() => {
      const until = Date.now() + 400
      while (Date.now() < until);
    }),
  )
  await during(() => show(b, 'visible'))
  await during(() => b.close())
  await during(() => c.run(({ line }) => line.close()))
  await during(() => Promise.all([show(a, 'hidden'), show(e, 'hidden')]))
  await during(() => a.reload())
  expect(numbers(rung())).toEqual(count(1, 1000))
  // An alarm that was given to a tab in front may be handled when that tab is hidden already.
  expect(
    rung()
      .slice(0, 800)
      .filter(({ tab, visible }) => !visible && tab !== 'e'),
  ).toEqual([])
  expect(new Set(rung().map(({ tab }) => tab))).toEqual(new Set(['a', 'b', 'c', 'd', 'e']))
})

test('the tab in front is blocked for longer than an offer holds - it handles the alarms, not the others', async ({
  bench,
}) => {
  const { open, emit, rang } = await setUp(bench)
  await open('hidden', { inBackground: true })
  const front = await open('front')
  const blocked = front.run(() => {
    const until = Date.now() + 3000
    while (Date.now() < until);
  })
  await emit(1, 3)
  await blocked
  await expect.poll(rang).toEqual(['front 1', 'front 2', 'front 3'])
})

test('the tab in the background that was last in front is frozen - another gets its alarms after the deadline, and it declines when it wakes', async ({
  bench,
}) => {
  const { open, emit, rang } = await setUp(bench)
  const other = await open('a', { inBackground: true })
  const frozen = await bench.freezable({ name: 'frozen', one: ['errors'] })
  // The browser may focus a new page only now, which brings it to the front for the worker.
  const visible = async () => {
    await other.run(({ show }) => show('hidden'))
    await frozen.run(({ show }) => {
      show('visible')
      show('hidden')
    })
    return frozen.run(async ({ line }) => (await line.inspect()).tabs.map((tab) => tab.visible))
  }
  await expect.poll(visible).toEqual([false, false])
  await emit(1)
  await expect.poll(rang).toEqual(['frozen 1'])
  await frozen.freeze(true)
  await emit(2, 4)
  await expect.poll(rang).toEqual(['frozen 1', 'a 2', 'a 3', 'a 4'])
  await frozen.freeze(false)
  await frozen.run(async ({ line, show }) => {
    show('visible')
    await line.inspect()
  })
  await emit(5)
  await expect.poll(rang).toEqual(['frozen 1', 'a 2', 'a 3', 'a 4', 'frozen 5'])
})

/** A tab in front, which has the worker in its process, and others in the background. */
async function withWorkerInFront(bench: Bench) {
  const all = await setUp(bench)
  const front = await all.open('front', { panels: ['errors'] })
  const others = [await all.open('b', { panels: ['errors'] }), await all.open('c')]
  for (const tab of others) await show(tab, 'hidden')
  return {
    ...all,
    front,
    /** Each alarm up to this one was handled once, in order, and the session with the server was recovered. */
    async isHandledOnce(last: number) {
      // Three silences of a worker that has died, and the wait for the tab that was in front, take over 6 s.
      await expect.poll(() => numbers(all.rung()).at(-1)).toBe(last)
      expect(numbers(all.rung())).toEqual(count(1, last))
      for (const tab of others) expect(await tab.run(({ log }) => log.gap)).toEqual([])
      const { connections } = await all.server.state()
      expect(connections.map(({ recovered }) => recovered)).toEqual([false, true])
    },
  }
}

test('the worker is killed among alarms, and the session is recovered - each is handled once, in order', async ({
  bench,
}) => {
  const { emit, rung, isHandledOnce } = await withWorkerInFront(bench)
  await emit(1, 200)
  await expect.poll(() => rung().length).toBeGreaterThan(20)
  bench.worker('die')
  await emit(201, 300)
  await isHandledOnce(300)
})

// Between two alarms: one that a tab handles as it crashes may be handled again by the next, because nobody knows how far it came.
test('the tab in front crashes between two of many alarms, and the worker with it - each is handled once, in order', async ({
  bench,
}) => {
  bench.needs('a worker in the process of its page')
  const { emit, rung, front, isHandledOnce } = await withWorkerInFront(bench)
  await front.run(({ line }) => {
    function onAlarm({ data }: { data: { n: number } }) {
      if (data.n !== 100) return
      // Handled, too, is the alarm that comes next. The worker waits for its answer, and so gives no third.
      queueMicrotask(() => {
        MessagePort.prototype.postMessage = () => {}
      })
    }
    line.subscribe('errors', onAlarm, { tab: 'one' })
  })
  await emit(1, 200)
  await expect.poll(() => rung().length).toBe(101)
  await front.crash()
  await emit(201, 300)
  await isHandledOnce(300)
})

test('the worker dies right after an alarm, and its tab says nothing more and crashes - the others know what was handled', async ({
  bench,
}) => {
  bench.needs('a worker in the process of its page')
  const { emit, rung, front, isHandledOnce } = await withWorkerInFront(bench)
  await front.run(({ line }, name) => {
    const worker = new BroadcastChannel(name)
    function onAlarm({ data }: { data: { n: number } }) {
      if (data.n !== 150) return
      // Once the alarm was handled.
      queueMicrotask(() => {
        worker.postMessage('die')
        MessagePort.prototype.postMessage = () => {}
        // The next worker must not be in this tab's process, too.
        Reflect.deleteProperty(window, 'SharedWorker')
      })
    }
    line.subscribe('errors', onAlarm, { tab: 'one' })
  }, `worker ${bench.id}`)
  await emit(1, 200)
  await expect.poll(() => rung().length).toBeGreaterThanOrEqual(150)
  await front.crash()
  await isHandledOnce(200)
})

test('the worker dies right after an event that is not sent again - the next one gives no alarm before it again', async ({
  bench,
}) => {
  const { server, emit, front, isHandledOnce } = await withWorkerInFront(bench)
  await front.run(({ line }, name) => {
    const worker = new BroadcastChannel(name)
    function onAlarm({ data }: { data: { n: number } }) {
      // Once it was handled.
      if (data.n === 31) queueMicrotask(() => worker.postMessage('die'))
    }
    line.subscribe('errors', onAlarm, { tab: 'one' })
  }, `worker ${bench.id}`)
  await emit(1, 30)
  await server.emitVolatile('errors', 'row', { room: 'errors', n: 31 })
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await emit(32, 40)
  await isHandledOnce(40)
})

test('a new build takes over among alarms - each is handled once, in order', async ({ bench }) => {
  const { open, emit, rung } = await setUp(bench)
  for (const name of ['a', 'b']) await open(name, { panels: ['errors'] })
  await emit(1, 200)
  bench.deploy('next')
  const opened = open('next')
  await emit(201, 300)
  await opened
  await emit(301, 400)
  await expect.poll(() => numbers(rung()).at(-1)).toBe(400)
  expect(numbers(rung())).toEqual(count(1, 400))
})

test('the only tab with alarms is away - they wait for its next page', async ({ bench }) => {
  const { open, emit, rang, server } = await setUp(bench)
  // Keeps the worker alive: Firefox ends it with its last page.
  await bench.frame()
  const tab = await open('a')
  await emit(1)
  await expect.poll(rang).toEqual(['a 1'])
  await tab.goto('about:blank')
  await emit(2, 3)
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  await tab.run(() => void history.back()).catch(() => {})
  await expect.poll(rang).toEqual(['a 1', 'a 2', 'a 3'])
})
