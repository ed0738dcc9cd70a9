import { expect } from 'vitest'
import { type Tab, test } from '../support/setup'

/** A dialect of an app's own may throw. What it was asked for fails; nothing else does. */

const QUICK = { retry: { first: 20, every: 50 } }
const state = (tab: Tab) => tab.run(({ line }) => line.status.state)
const panel = (tab: Tab) => tab.run(({ line }) => line.panel('errors').state)
const counters = (tab: Tab) => tab.run(async ({ line }) => (await line.inspect()).counters)

test('a join that throws - the line is online, every room was tried, the console says why', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'join' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => state(tab)).toBe('online')
  expect(await panel(tab)).toBe('joining')
  expect(await counters(tab)).toMatchObject({ malformed: 2, joins: 0 })
  expect(bench.said.filter((text) => text.includes('"join"') && text.includes('oops'))).toHaveLength(1)
})

test('a denial that throws - the room waits for its first event', async ({ bench }) => {
  const server = await bench.server({ answer: 'ack' })
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'denial' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(async () => (await counters(tab)).malformed).toBe(2)
  expect(await panel(tab)).toBe('joining')
  for (const room of ['errors', 'stats']) await server.emitMany(room, 'row', 1, 1)
  await expect.poll(() => panel(tab)).toBe('live')
})

test('a leave that throws - the room is forgotten all the same', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'leave' })
  const tab = await bench.page({ panels: ['tmux'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('tmux').state)).toBe('live')
  await tab.run(({ stops }) => stops[0]?.())
  await expect.poll(() => tab.run(async ({ line }) => (await line.inspect()).rooms)).toEqual([])
  expect(await counters(tab)).toMatchObject({ malformed: 1, leaves: 0 })
})

test('a refusal that throws - a handshake turned down is tried again like a loss', async ({ bench }) => {
  const server = await bench.server({ tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK, faulty: 'refusal' })
  const tab = await bench.page({ token: 'bad' })
  await expect.poll(() => state(tab)).toBe('offline')
  await expect.poll(async () => (await server.state()).handshakes.length).toBeGreaterThan(3)
  await server.setTokens(['bad'])
  await expect.poll(() => state(tab)).toBe('online')
})
