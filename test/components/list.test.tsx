import type { Line } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import { StrictMode } from 'react'
import { expect, onTestFinished, vi } from 'vitest'
import type { Dashboard } from '../recipes/dashboard.worker'
import { ErrorRows } from '../recipes/list'
import { mount } from '../support/mount'
import { test } from '../support/setup'

/** The list of docs/frameworks.md: fetched, kept up to date by events, and fetched again after a gap. */

/** The server's table and the fetches of it. A fetch is answered when the test says so, with the rows from when it was sent. */
function startTable() {
  const table: string[] = []
  const fetches: { answer(status?: number): void; readonly signal: AbortSignal }[] = []
  const rows = () => table.map((message) => ({ id: message, message }))
  const stub = vi.spyOn(window, 'fetch').mockImplementation((url, init) => {
    expect(url).toBe('/api/errors')
    const signal = init?.signal as AbortSignal
    const body = JSON.stringify(rows())
    return new Promise((resolve) => {
      // Ignores the signal, so the answer arrives even after an abort.
      fetches.push({ signal, answer: (status = 200) => resolve(new Response(body, { status })) })
    })
  })
  onTestFinished(() => stub.mockRestore())
  return { table, fetches }
}

function start() {
  const { push, gap, setRooms, line } = createFakeLine<Dashboard>()
  const { table, fetches } = startTable()
  const container = mount(<ErrorRows line={line} />)
  return {
    fetches,
    shown: () => container.text(),
    /** Adds a row to the server's table. It is sent only with `send`. */
    write: (message: string) => table.push(message),
    send: (message: string) => push('errors', { room: 'errors', data: { id: message, message } }),
    join: () => setRooms('errors', { errors: 'live', stats: 'live' }),
    gap: () => gap({ rooms: ['errors', 'stats'] }),
  }
}

/** Waits for the fetch with this number, counted from 1. */
const nth = async (fetches: ReturnType<typeof start>['fetches'], number: number) => {
  await expect.poll(() => fetches.length).toBe(number)
  return fetches[number - 1] as (typeof fetches)[number]
}

test('the list is fetched once its rooms are joined, and events keep it up to date', async () => {
  const { fetches, shown, write, send, join } = start()
  write('a')
  await new Promise(requestAnimationFrame)
  expect(fetches.length).toBe(0)
  await join()
  const first = await nth(fetches, 1)
  first.answer()
  await expect.poll(shown).toBe('a')
  write('b')
  await send('b')
  await expect.poll(shown).toBe('ab')
  expect(fetches.length).toBe(1)
})

test('events that come during the fetch are in the list, once', async () => {
  const { fetches, shown, write, send, join } = start()
  write('a')
  await join()
  const first = await nth(fetches, 1)
  write('b')
  await send('b')
  // Sent late: the answer contains this row as well.
  await send('a')
  first.answer()
  await expect.poll(shown).toBe('ab')
})

test('a gap - the list is fetched again, and the answer to the older fetch is ignored', async () => {
  const { fetches, shown, write, send, join, gap } = start()
  await join()
  const first = await nth(fetches, 1)
  write('lost')
  await gap()
  const second = await nth(fetches, 2)
  expect(first.signal.aborted).toBe(true)
  write('b')
  await send('b')
  second.answer()
  await expect.poll(shown).toBe('lostb')
  first.answer()
  write('c')
  await send('c')
  await expect.poll(shown).toBe('lostbc')
})

test('a fetch fails - it is retried, and no event is lost', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { fetches, shown, write, send, join } = start()
  write('a')
  await join()
  const first = await nth(fetches, 1)
  write('b')
  await send('b')
  first.answer(503)
  await expect
    .poll(async () => {
      await vi.advanceTimersByTimeAsync(5000)
      return fetches.length
    })
    .toBe(2)
  fetches[1]?.answer()
  await expect.poll(shown).toBe('ab')
})

test('StrictMode, a real worker, and a server without recovery - the list is complete after an outage', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const line = bench.line() as unknown as Line<Dashboard>
  const { table, fetches } = startTable()
  const { text } = mount(
    <StrictMode>
      <ErrorRows line={line} />
    </StrictMode>,
  )
  const answer = () => {
    for (const each of fetches) each.answer()
    return text()
  }
  const write = (message: string) => table.push(message)
  const send = (message: string) =>
    server.emit('errors', 'row', { room: 'errors', data: { id: message, message } })
  write('a')
  await expect.poll(answer).toBe('a')
  write('b')
  await send('b')
  await expect.poll(answer).toBe('ab')
  await server.cut()
  write('lost')
  await send('lost')
  await expect.poll(answer).toBe('ablost')
  write('c')
  await send('c')
  await expect.poll(answer).toBe('ablostc')
})
