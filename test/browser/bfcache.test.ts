import { expect } from 'vitest'
import { test } from '../support/setup'

test('a page comes back from the back/forward cache - it was kept, and hears what came meanwhile', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const stays = await bench.frame({ panels: ['errors'] })
  const tab = await bench.page({ panels: ['errors'] })
  for (const each of [stays, tab])
    await expect.poll(() => each.run(({ line }) => line.panel('errors').state)).toBe('live')
  await tab.run(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }))
  })
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(2)

  await tab.goto('about:blank')
  await server.emitMany('errors', 'row', 3, 1000)
  await expect.poll(() => stays.run(({ events }) => events.length)).toBe(1000)
  await tab.run(() => void setTimeout(() => history.back()))
  const isBack = () =>
    tab.run(() => (window as unknown as { persisted?: boolean }).persisted).catch(() => undefined)
  await expect.poll(isBack).toBe(true)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(1000)
  expect(await tab.run(({ data }) => data().map((each) => (each as { n: number }).n))).toEqual(
    Array.from({ length: 1000 }, (_, n) => n + 1),
  )
  await server.emitMany('errors', 'row', 1001, 1001)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(1001)
  const { connections } = await server.state()
  expect(connections.map(({ asked }) => asked.toSorted())).toEqual([['join errors', 'join stats']])
})
