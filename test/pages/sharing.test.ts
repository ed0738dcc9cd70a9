import { expect } from 'vitest'
import { isLive, type Tab, test } from '../support/setup'

/** Tabs whose factory returns a dedicated `Worker` share one connection. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }
const SHARED = { dedicated: true, panels: ['errors'] } as const

const numbers = (tab: Tab) =>
  tab.run(({ received }) =>
    received.map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

test('three tabs with dedicated workers - one socket, and every tab gets every event once', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  const tabs = [await bench.page(SHARED), await bench.frame(SHARED), await bench.page(SHARED)]
  for (const tab of tabs) await isLive(tab)
  await server.emitMany('errors', 'row', 1, 3)
  for (const tab of tabs) {
    await expect.poll(() => numbers(tab)).toEqual([1, 2, 3])
    expect(await tab.run(({ line }) => line.status.shared)).toBe(true)
  }
  expect((await server.inspect()).connections).toHaveLength(1)
})
