import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

/** Payloads are checked by the schema of their room, once, in the worker. */

const QUICK = { retry: { first: 20, every: 50 } }

/** What the tab received, in order: the data of events, and the causes of gaps. */
const received = (tab: Tab) =>
  tab.run(({ received }) => received.map((each) => ('cause' in each ? each.cause : each.data)))
const errors = (tab: Tab) =>
  tab.run(({ log }) => log.error.map(({ reason, message }) => ({ reason, message })))
const counters = (tab: Tab) => tab.run(async ({ line }) => (await line.inspect()).counters)

async function serving(bench: Bench) {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK }, 'schema')
  return server
}

for (const library of ['zod', 'valibot']) {
  test(`${library}: an event does not fit - nobody gets it, and each tab gets a gap and one error`, async ({
    bench,
  }) => {
    const server = await serving(bench)
    const tabs = [await bench.frame({ panels: [library] }), await bench.frame({ panels: [library] })]
    for (const tab of tabs) await isLive(tab, library)
    // On a busy machine the worker may have started late, which is an error, too.
    const earlier = await Promise.all(tabs.map(errors))
    const emit = (n: unknown, room = library) =>
      server.emit(library, 'row', { room, data: { n, more: true } })
    await emit(1)
    for (const tab of tabs) await expect.poll(() => received(tab)).toEqual([{ n: 1 }])
    await emit('secret')
    for (const tab of tabs) await expect.poll(() => received(tab)).toEqual([{ n: 1 }, 'invalid'])
    // The last value is the one before, with the gap after it.
    const late = await bench.frame({ panels: [library] })
    await expect.poll(() => received(late)).toEqual(['invalid', { n: 1 }])
    expect(await late.run(({ events }) => events.map(({ replayed }) => replayed))).toEqual([true])
    await emit('secret again')
    await emit(2)
    for (const tab of tabs)
      await expect.poll(() => received(tab)).toEqual([{ n: 1 }, 'invalid', 'invalid', { n: 2 }])
    await expect.poll(() => received(late)).toEqual(['invalid', { n: 1 }, 'invalid', { n: 2 }])
    const expected = { reason: 'invalid', message: expect.stringContaining(`"${library}"`) }
    for (const [index, tab] of tabs.entries()) {
      const all = (await errors(tab)).slice(earlier[index]?.length)
      expect(all).toEqual([expected])
      expect(all[0]?.message).toContain('at "n": expected number')
      expect(all[0]?.message).not.toContain('secret')
    }
    expect(await errors(late)).toEqual([])
    expect(await counters(late)).toMatchObject({ data: 4, invalid: 2, malformed: 0 })
    await expect
      .poll(() => bench.consoleMessages.filter((text) => text.includes('expected number')))
      .toHaveLength(1)
    expect(bench.consoleMessages.filter((text) => text.includes('secret'))).toEqual([])
  })
}

test('a schema transforms - tabs get what it made, a date as well', async ({ bench }) => {
  const server = await serving(bench)
  const tab = await bench.frame({ panels: ['made'] })
  await isLive(tab, 'made')
  const at = '2026-01-02T03:04:05.000Z'
  // In one batch: what goes as text, and what does not.
  await server.emit('made/lists', 'row', { room: 'made/lists', data: { n: 1 } })
  await server.emit('made/dates', 'row', { room: 'made/dates', data: { at } })
  await server.emit('made/lists', 'row', { room: 'made/lists', data: { n: 2 } })
  await expect.poll(() => received(tab)).toHaveLength(3)
  const data = await tab.run(({ events }) => events.map((event) => event.data))
  expect(data).toEqual([[1, 1], { at: expect.anything() }, [2, 2]])
  const [, made] = data as [unknown, { at: Date }]
  expect(Object.prototype.toString.call(made.at)).toBe('[object Date]')
  expect(made.at.toISOString()).toBe(at)
})

test('a schema makes a function, which cannot be posted - a gap, and the console names the schema', async ({
  bench,
}) => {
  const server = await serving(bench)
  const tab = await bench.frame({ panels: ['made'] })
  await isLive(tab, 'made')
  await server.emit('made/functions', 'odd', { room: 'made/functions', data: 'text' })
  await expect.poll(() => received(tab)).toEqual(['queue'])
  expect(await counters(tab)).toMatchObject({ malformed: 1, invalid: 0 })
  await expect
    .poll(() => bench.consoleMessages.filter((text) => text.includes('"odd"') && text.includes('schema')))
    .toHaveLength(1)
})

test('an event fits one of its two rooms - that room gets it, and the other one a gap', async ({ bench }) => {
  const server = await serving(bench)
  const tab = await bench.frame({ panels: ['both'] })
  await isLive(tab, 'both')
  await server.emit('zod', 'twice', { n: 'text' })
  await expect.poll(() => received(tab)).toEqual(['invalid', ['text', 'text']])
  const gaps = await tab.run(({ log }) => log.gap.map(({ rooms }) => rooms))
  expect(gaps).toEqual([['zod']])
  expect(await counters(tab)).toMatchObject({ data: 1, invalid: 1 })
})

test('the server sends what was missed - it is checked as well', async ({ bench }) => {
  const server = await serving(bench)
  const tab = await bench.frame({ panels: ['both'] })
  await isLive(tab, 'both')
  const emit = (room: string, n: unknown) => server.emit(room, 'row', { room, data: { n } })
  await emit('zod', 1)
  await expect.poll(() => received(tab)).toEqual([{ n: 1 }])
  await server.refuse(true)
  await expect.poll(() => tab.run(({ line }) => line.status.state)).not.toBe('online')
  await emit('zod', 'secret')
  await emit('zod', 2)
  await emit('made/lists', 3)
  await server.refuse(false)
  await expect.poll(() => received(tab)).toEqual([{ n: 1 }, 'invalid', { n: 2 }, [3, 3]])
  expect(await tab.run(({ line }) => line.status.recovered)).toBe(true)
  expect(await counters(tab)).toMatchObject({ invalid: 1 })
  expect((await errors(tab)).map(({ reason }) => reason)).toEqual(['invalid'])
})

test('a page sends - what the schema makes of the payload leaves, and what does not fit it stays', async ({
  bench,
}) => {
  const server = await serving(bench)
  const tab = await bench.frame({ panels: ['zod'] })
  await isLive(tab, 'zod')
  const payload = { n: 7, at: '2026-01-02T03:04:05.000Z' }
  const send = (n: unknown, at: unknown) =>
    tab.run((tab, ...args) => tab.send('alarm:ack', { n: args[0], at: args[1] }), n, at)
  const { reason, message } = (await send('secret', new Date(payload.at))) as {
    reason: string
    message: string
  }
  expect(reason).toBe('invalid')
  expect(message).toContain('at "n": expected number')
  expect(message).not.toContain('secret')
  expect(await send(7, new Date(payload.at))).toEqual({ answer: { got: payload } })
  expect((await server.messages()).map((each) => each.payload)).toEqual([payload])
})
