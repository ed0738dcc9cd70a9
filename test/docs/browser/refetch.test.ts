import { QueryClient, QueryObserver } from '@tanstack/query-core'
import { connect } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import { expect, onTestFinished } from 'vitest'
import type { Dashboard } from '../../support/dashboard.worker'
import { test } from '../../support/setup'
import { appendTo, keyOf, refetchOnceLive, refetchOnGap } from '../examples/refetch'

/** Tests the example of docs/gaps.md with TanStack Query, a real worker, and a server without recovery. */

test('a list that is fetched and updated by events is complete after an outage', async ({ bench }) => {
  const server = await bench.server()
  const options = JSON.stringify({ url: await server.url(), retry: { first: 20, every: 50 } })
  const query = new URLSearchParams({ test: bench.id, options })
  const worker = `/test/support/dashboard.worker.ts?worker_file&type=module&${query}`
  const line = connect<Dashboard>(({ name }) => new SharedWorker(worker, { name, type: 'module' }), {
    user: bench.id,
  })
  onTestFinished(() => line.close())

  /** The rows that the server's HTTP interface returns. */
  const table: number[] = []
  async function add(n: number) {
    table.push(n)
    await server.emitMany('errors', 'row', n, n)
  }

  const client = new QueryClient()
  let fetches = 0
  const observer = new QueryObserver(client, {
    queryKey: keyOf('errors'),
    queryFn: async () => {
      fetches += 1
      return table.map((n) => ({ room: 'errors', n }))
    },
  })
  onTestFinished(observer.subscribe(() => {}))
  refetchOnGap(line, client)
  refetchOnceLive(line, 'errors', client)
  line.subscribe('errors', appendTo(client, 'errors'))
  const shown = () => (observer.getCurrentResult().data ?? []).map(({ n }) => n)

  await expect.poll(() => line.panel('errors').state).toBe('live')
  await add(1)
  await add(2)
  await expect.poll(shown).toEqual([1, 2])
  const before = fetches

  await server.cut()
  await add(3)
  await expect.poll(() => line.panel('errors').state).toBe('live')
  await add(4)
  await expect.poll(shown).toEqual([1, 2, 3, 4])
  expect(fetches).toBeGreaterThan(before)
})

test('a row added after the first answer, but before the rooms are joined, is in the list', async () => {
  const { line, setRooms } = createFakeLine<Dashboard>()
  const client = new QueryClient()
  const table = [1]
  const observer = new QueryObserver<number[]>(client, {
    queryKey: keyOf('errors'),
    queryFn: async () => [...table],
  })
  onTestFinished(observer.subscribe(() => {}))
  const shown = () => observer.getCurrentResult().data
  refetchOnceLive(line, 'errors', client)
  line.subscribe('errors', appendTo(client, 'errors'))
  await expect.poll(shown).toEqual([1])
  table.push(2)
  await setRooms('errors', { errors: 'live', stats: 'joining' })
  expect(shown()).toEqual([1])
  await setRooms('errors', { stats: 'live' })
  await expect.poll(shown).toEqual([1, 2])
})

test('an event comes during a fetch - it is still in the list after the answer', async () => {
  const client = new QueryClient()
  const table = [1]
  const answers: (() => void)[] = []
  const observer = new QueryObserver<number[]>(client, {
    queryKey: keyOf('errors'),
    queryFn: () => {
      const seen = [...table]
      return new Promise((answer) => answers.push(() => answer(seen)))
    },
  })
  onTestFinished(observer.subscribe(() => {}))
  const append = appendTo(client, 'errors')
  const shown = () => observer.getCurrentResult().data

  table.push(2)
  append({ room: 'errors', data: 2, replayed: false })
  append({ room: 'stats', data: 9, replayed: false })
  append({ room: 'errors', data: 1, replayed: true })
  await expect.poll(() => answers.length).toBe(2)
  for (const answer of answers) answer()
  await expect.poll(shown).toEqual([1, 2])
})
