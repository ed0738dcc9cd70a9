import { expect } from 'vitest'
import { type Tab, test } from '../support/setup'

/** An app's own dialect may throw or return invalid values. Only the call that it was used for fails. */

const QUICK = { retry: { first: 20, every: 50 } }
const state = (tab: Tab) => tab.run(({ line }) => line.status.state)
const panel = (tab: Tab) => tab.run(({ line }) => line.panel('errors').state)
const counters = (tab: Tab) => tab.run(async ({ line }) => (await line.inspect()).counters)

test('`join` throws - the line is online, every room was tried, and the console says why', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'join' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => state(tab)).toBe('online')
  expect(await panel(tab)).toBe('joining')
  expect(await counters(tab)).toMatchObject({ malformed: 2, joins: 0 })
  await expect
    .poll(() => bench.consoleMessages.filter((text) => text.includes('"join"') && text.includes('oops')))
    .toHaveLength(1)
})

test('`denial` throws - the room stays in joining until its first event', async ({ bench }) => {
  const server = await bench.server({ answer: 'ack' })
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'denial' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(async () => (await counters(tab)).malformed).toBe(2)
  expect(await panel(tab)).toBe('joining')
  for (const room of ['errors', 'stats']) await server.emitMany(room, 'row', 1, 1)
  await expect.poll(() => panel(tab)).toBe('live')
})

test('`leave` throws - the room is forgotten anyway', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'leave' })
  const tab = await bench.page({ panels: ['tmux'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('tmux').state)).toBe('live')
  await tab.run(({ stops }) => stops[0]?.())
  await expect.poll(() => tab.run(async ({ line }) => (await line.inspect()).rooms)).toEqual([])
  expect(await counters(tab)).toMatchObject({ malformed: 1, leaves: 0 })
})

test('`refusal` throws - a rejected handshake is retried like a lost connection', async ({ bench }) => {
  const server = await bench.server({ tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'refusal' })
  const tab = await bench.page({ token: 'bad' })
  await expect.poll(() => state(tab)).toBe('offline')
  await expect.poll(async () => (await server.state()).handshakes.length).toBeGreaterThan(3)
  await server.setTokens(['bad'])
  await expect.poll(() => state(tab)).toBe('online')
})

/** What a tab received, in order: room and number of each event, and the rooms of each gap. */
const received = (tab: Tab) =>
  tab.run(({ received }) =>
    received.map((each) =>
      'cause' in each ? `gap ${each.rooms}` : `${each.room} ${(each.data as { n: number }).n}`,
    ),
  )

for (const what of ['returns no name', 'returns nothing', 'throws', 'returns a function as data'] as const) {
  test(`\`event\` ${what} - each tab gets a gap for the room, and nothing else is lost`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK, nonsense: ['event', what] })
    const tabs = [
      await bench.page({ panels: ['errors'] }),
      await bench.frame({ panels: ['errors'] }),
    ] as const
    for (const tab of tabs) await expect.poll(() => panel(tab)).toBe('live')
    // More messages than a tab may leave unacknowledged.
    for (let n = 1; n <= 40; n += 1) {
      await server.emit('errors', 'row', { room: 'errors', n })
      await server.emit('errors', 'odd', { room: 'errors', n })
      await server.emit('stats', 'stats', { n })
    }
    for (const tab of tabs) await expect.poll(() => received(tab)).toContain('stats 40')
    // In a batch of its own: gaps come before the other events of their batch.
    await server.emit('errors', 'odd', { room: 'errors', n: 41 })
    await server.emit('stats', 'stats', { n: 41 })
    for (const tab of tabs) {
      await expect.poll(() => received(tab)).toContain('stats 41')
      const all = await received(tab)
      for (const [room, length] of [
        ['errors', 40],
        ['stats', 41],
      ] as const) {
        const numbers = Array.from({ length }, (_, index) => `${room} ${index + 1}`)
        expect(all.filter((each) => each.startsWith(room))).toEqual(numbers)
      }
      const gaps = all.filter((each) => each.startsWith('gap'))
      expect(new Set(gaps)).toEqual(new Set(['gap errors']))
      expect(all.indexOf('gap errors')).toBeLessThan(all.indexOf('errors 2'))
      expect(all.lastIndexOf('gap errors')).toBeGreaterThan(all.indexOf('stats 40'))
    }
    const { malformed } = await counters(tabs[0])
    // An event that cannot be posted is counted once per tab.
    expect(malformed).toBe(what === 'returns a function as data' ? 82 : 41)
    await expect.poll(() => bench.consoleMessages.filter((text) => text.includes('"odd"'))).toHaveLength(1)
    await expect
      .poll(async () => (await tabs[0].run(({ line }) => line.inspect())).tabs.map((tab) => tab.unanswered))
      .toEqual([0, 0])
  })
}

test('`kind` returns nothing - the message is dropped, and the next one arrives', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, nonsense: ['kind', 'returns nothing'] })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => panel(tab)).toBe('live')
  for (const name of ['odd', 'odd', 'row']) await server.emit('errors', name, { room: 'errors', n: 1 })
  await expect.poll(() => received(tab)).toEqual(['errors 1'])
  expect(await counters(tab)).toMatchObject({ malformed: 2, data: 1 })
  await expect
    .poll(() => bench.consoleMessages.filter((text) => text.includes('"odd"') && text.includes('"kind"')))
    .toHaveLength(1)
})

test('`event` returns extra fields - it is delivered as data, and is no reload order', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, nonsense: ['event', 'returns more than it should'] })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => panel(tab)).toBe('live')
  for (const name of ['row', 'odd', 'row']) await server.emit('errors', name, { room: 'errors', n: 1 })
  await expect.poll(() => received(tab)).toEqual(['errors 1', 'errors 2', 'errors 1'])
  expect(await tab.run(({ log }) => log.reload)).toEqual([])
})

test('a new tab’s last value cannot be posted - its panel starts with a gap', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, nonsense: ['event', 'returns a function as data'] })
  const early = await bench.page({ panels: ['errors'] })
  await expect.poll(() => panel(early)).toBe('live')
  await server.emit('stats', 'stats', { n: 1 })
  await server.emit('errors', 'odd', { room: 'errors', n: 2 })
  await expect.poll(() => received(early)).toEqual(['stats 1', 'gap errors'])
  const late = await bench.frame({ panels: ['errors'] })
  await expect.poll(() => panel(late)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 3 })
  await expect.poll(() => received(late)).toEqual(['gap errors', 'stats 1', 'errors 3'])
})
