import { expect } from 'vitest'
import { test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }

test('the database is deleted under way - delivery goes on, and what changes next is written again', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page()
  await tab.run(({ subscribe }) => void subscribe('errors'))
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  bench.worker('delete database')
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await expect.poll(() => tab.run(({ line }) => line.panel('tmux').state)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  await tab.run(({ subscribe }) => void subscribe('overview'))
  await expect.poll(() => tab.run(({ line }) => line.panel('overview').state)).toBe('live')
  expect(await tab.run(({ log }) => log.error)).toEqual([])
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', 'tmux', 'overview'])
})

test('no database at all - everything works from memory, and the status says so', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, noDatabase: true })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await expect.poll(() => tab.run(({ line }) => line.status.persistent)).toBe(false)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
  // The worker lives on, and remembers.
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors'])
})
