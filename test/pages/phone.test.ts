import { expect } from 'vitest'
import { type Bench, isLive, type PhoneTab, test } from '../support/setup'

/** A phone shows one tab at a time. It freezes and discards the others, and stops everything while it sleeps. */

const QUICK = { retry: { first: 20, every: 50 } }

/** What a tab has received, its earlier pages included: the numbers of events, and the causes of gaps. */
const record = (tab: PhoneTab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().flatMap((each): (number | string)[] => {
      if ('cause' in each) return [each.cause]
      return each.replayed ? [] : [(each.data as { n: number }).n]
    }),
  )

/** What is wrong with a record from 1 to `last`: an event that came twice or too early, or one that is missing without a gap. */
function faults(received: readonly (number | string)[], last: number): string[] {
  const wrong: string[] = []
  let expected = 1
  let isGap = false
  for (const each of received) {
    if (typeof each === 'string') isGap = true
    else {
      if (each < expected) wrong.push(`${each} came after ${expected - 1}`)
      if (each > expected && !isGap) wrong.push(`${each} came after ${expected - 1} without a gap`)
      expected = Math.max(expected, each + 1)
      isGap = false
    }
  }
  return expected === last + 1 ? wrong : [...wrong, `${expected - 1} is the last, not ${last}`]
}

const received = (tab: PhoneTab, last: number) =>
  expect.poll(async () => faults(await record(tab), last)).toEqual([])

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** Long enough that what happens meanwhile reaches nobody who is frozen, in ms. */
const AWHILE = 1500
const pause = (ms = AWHILE) => new Promise((done) => setTimeout(done, ms))

/**
 * Within this time the tab in front gets what comes, in ms: its worker was frozen too, so it listens for the one that serves for 1.5 s
 * before it takes the connection.
 */
const WITHIN = 4000

const SHARED = {}

for (const [whose, settings] of [
  ['a SharedWorker', SHARED],
  ['dedicated workers', { dedicated: true }],
] as const) {
  /** A server, and a phone with one tab. */
  async function setUpOne(bench: Bench) {
    const server = await bench.server({ recovery: true })
    const cable = await bench.proxy(await server.url())
    bench.serve({ url: await cable.url(), ...QUICK })
    bench.needs('a phone')
    const phone = await bench.phone()
    async function open() {
      const tab = await phone.open({ panels: ['errors'], ...settings })
      await tab.show(true)
      await isLive(tab)
      return tab
    }
    const emit = (from: number, to: number) => server.emitMany('errors', 'row', from, to)
    return { server, cable, phone, open, emit, front: await open() }
  }

  /** A second tab, in the background. Both have got the events 1 to 3. */
  async function setUp(bench: Bench) {
    const { open, ...parts } = await setUpOne(bench)
    const { front, emit } = parts
    const back = await open()
    await back.show(false)
    await emit(1, 3)
    for (const tab of [front, back]) await expect.poll(() => record(tab)).toEqual([1, 2, 3])
    return { ...parts, back }
  }

  test(`a phone with ${whose} freezes the tab in the background while events come, and thaws it - it gets each of them once, in order`, async ({
    bench,
  }) => {
    const { front, back, emit } = await setUp(bench)
    await back.freeze(true)
    await emit(4, 100)
    await received(front, 100)
    await pause()
    await emit(101, 200)
    await received(front, 200)
    await back.freeze(false)
    await back.show(true)
    await expect.poll(() => record(back)).toEqual(count(1, 200))
    await emit(201, 202)
    for (const tab of [front, back]) await expect.poll(() => record(tab)).toEqual(count(1, 202))
  })

  test(`a phone with ${whose} freezes the tab in the background while more events come than are kept - it gets the others, or a gap`, async ({
    bench,
  }) => {
    const { front, back, emit } = await setUp(bench)
    await back.freeze(true)
    for (let from = 4; from < 4000; from += 500) {
      await emit(from, from + 499)
      await received(front, from + 499)
    }
    await back.freeze(false)
    await back.show(true)
    await emit(4004, 4005)
    for (const tab of [front, back]) await received(tab, 4005)
  })

  test(`a phone with ${whose} freezes the tab in the background while the server restarts - it gets a gap, and what came after it`, async ({
    bench,
  }) => {
    const { server, front, back, emit } = await setUp(bench)
    await back.freeze(true)
    await server.stop()
    await server.start()
    await expect.poll(async () => (await server.state()).rooms.flat()).toContain('errors')
    await emit(4, 20)
    await received(front, 20)
    await back.freeze(false)
    await back.show(true)
    await expect.poll(() => back.run(({ line }) => line.status.state)).toBe('online')
    await expect.poll(async () => (await record(back)).includes('link')).toBe(true)
    await isLive(back)
    await emit(21, 22)
    for (const tab of [front, back]) await received(tab, 22)
  })

  test(`a phone with ${whose} shows another app, and both tabs are frozen - the one in front is live at once when the user is back`, async ({
    bench,
  }) => {
    const { front, back, emit } = await setUp(bench)
    await front.show(false)
    for (const tab of [front, back]) await tab.freeze(true)
    await emit(4, 50)
    await pause()
    await front.freeze(false)
    await front.show(true)
    let last = 50
    const isServed = async () => {
      last += 1
      await emit(last, last)
      return (await record(front)).at(-1)
    }
    await expect.poll(isServed, { timeout: WITHIN }).toBeGreaterThan(50)
    await back.freeze(false)
    // A frozen tab that has the connection cannot hand it on: the one in front reports a gap where events came meanwhile.
    for (const tab of [front, back]) await received(tab, last)
    if (settings === SHARED)
      for (const tab of [front, back]) expect(await record(tab)).toEqual(count(1, last))
  })

  for (const which of ['front', 'back'] as const)
    test(`a phone with ${whose} discards the ${which === 'front' ? 'tab that was opened first' : 'other tab'} while events come, and loads it again - it gets them once, or a gap`, async ({
      bench,
    }) => {
      const { emit, ...tabs } = await setUp(bench)
      const { [which]: gone, [which === 'front' ? 'back' : 'front']: stays } = tabs
      await gone.show(false)
      await stays.show(true)
      const unanswered = async () =>
        (await stays.run(({ line }) => line.inspect())).tabs.map((each) => each.unanswered)
      await expect.poll(async () => (await unanswered()).every((each) => each === 0)).toBe(true)
      // The session's position is written five times a second at most, and the phone may end the worker with the tab.
      await new Promise((done) => setTimeout(done, 400))
      await gone.freeze(true)
      await emit(4, 20)
      await gone.discard()
      await emit(21, 40)
      await received(stays, 40)
      await gone.restore()
      await isLive(gone)
      await emit(41, 42)
      await received(stays, 42)
      await expect.poll(async () => (await record(gone)).at(-1)).toBe(42)
      // A page that is discarded may not have saved its record.
      const own = await gone.run(
        ({ received }) => received.filter((each) => 'cause' in each || !each.replayed).length,
      )
      expect(faults([1, 2, 3, ...(await record(gone)).slice(-own)], 42)).toEqual([])
    })

  /** The only tab is frozen, and the phone sleeps while `act` runs. */
  async function whileAsleep(
    bench: Bench,
    act: (parts: Awaited<ReturnType<typeof setUpOne>>) => Promise<void>,
  ) {
    const parts = await setUpOne(bench)
    const { phone, front, emit } = parts
    await emit(1, 3)
    await expect.poll(() => record(front)).toEqual([1, 2, 3])
    await front.show(false)
    await front.freeze(true)
    await phone.sleep(true)
    await act(parts)
    await phone.sleep(false)
    await front.freeze(false)
    await front.show(true)
    return parts
  }

  test(`a phone with ${whose} sleeps, and the network ends its connection - it dials again when it wakes, and gets what came meanwhile`, async ({
    bench,
  }) => {
    const { server, front, emit } = await whileAsleep(bench, async ({ cable, emit }) => {
      await emit(4, 20)
      await cable.cut()
      await emit(21, 40)
      await pause()
    })
    await isLive(front)
    await emit(41, 42)
    await received(front, 42)
    expect(await front.run(({ line }) => line.status.recovered)).toBe(true)
    expect((await server.state()).connected).toBe(1)
  })

  test(`a phone with ${whose} sleeps, and its connection is dead without a word - it is noticed when the phone wakes, and dialled again`, async ({
    bench,
  }) => {
    const { front, emit } = await whileAsleep(bench, async ({ cable, emit }) => {
      await cable.dropBytes()
      await emit(4, 20)
      await pause()
      await cable.pass()
    })
    // Chromium itself ends a frozen dedicated worker's connection that has lost bytes, before the probe has.
    const lost = settings === SHARED ? 'The server gave no sign of life within 3000 ms.' : 'transport error'
    const looks = () => front.run(({ log }) => log.status.map(({ error }) => error?.message))
    await expect.poll(looks).toContain(lost)
    await isLive(front)
    await emit(21, 22)
    await received(front, 22)
  })
}
