import { expect } from 'vitest'
import { server as environment } from 'vitest/browser'
import { overlapsAndHoles } from '../support/connection-times'
import { isLive, type Tab, test } from '../support/setup'

/** A worker lives in the process of the page that has started it. When that page is closed, a browser may begin the worker anew elsewhere. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 5000 }

/** What the tab received: the numbers of events, and the causes of gaps. */
const record = (tab: Tab) =>
  tab.run(({ received }) =>
    received.map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

for (const [where, settings] of [
  ['', {}],
  [', without locks', { host: 'plain.test' }],
] as const) {
  for (const recovery of [true, false]) {
    const promise = recovery ? 'get every event once, in order' : 'get each event once, in order, or a gap'
    test(`the page that started the worker is closed, then the next one, among events${where}, ${recovery ? 'with' : 'without'} recovery - the others are served again within 2 s, by one connection, and ${promise}`, async ({
      bench,
    }) => {
      const server = await bench.server({ recovery })
      bench.serve({ url: await server.url(), ...QUICK })
      const tabs: Tab[] = []
      for (let n = 0; n < 4; n += 1) {
        const tab = await bench.page({ panels: ['errors'], extendedLifetime: false, ...settings })
        await isLive(tab)
        tabs.push(tab)
      }
      const [first, next, ...stay] = tabs
      const since = Date.now()
      let last = 0
      let isOver = false
      const sending = (async () => {
        while (!isOver) {
          last += 1
          await server.emit('errors', 'row', { room: 'errors', n: last })
          await pause(20)
        }
      })()
      for (const tab of [first, next]) {
        await tab?.close()
        await pause(1500)
      }
      isOver = true
      await sending

      for (const tab of stay) {
        await expect.poll(async () => (await record(tab)).includes(last)).toBe(true)
        expect(await tab.run(({ longestWait }, since) => longestWait(since), since)).toBeLessThan(2000)
        const got = await record(tab)
        const numbers = got.filter((each) => typeof each === 'number')
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
        const unannounced = got.filter((each, at) => {
          const before = got[at - 1]
          return typeof each === 'number' && typeof before === 'number' && each !== before + 1
        })
        expect(unannounced).toEqual([])
        if (recovery) expect(numbers).toEqual(Array.from({ length: last }, (_, n) => n + 1))
      }
      const { connections, connected } = await server.state()
      expect(overlapsAndHoles(connections).overlaps).toEqual([])
      expect(connected).toBe(1)
      // WebKit keeps the workers of a site in one process, which may be that of an earlier test's page. This site has only these tests.
      if (environment.browser === 'webkit' && 'host' in settings)
        expect(connections.length).toBeGreaterThan(1)
    })
  }
}
