import { beforeEach, expect, test, vi } from 'vitest'
import type { Hello } from '../../../shared/switchboard'
import type { ToTab } from '../../../shared/wire'
import { jsonDialect } from '../../../worker/dialect/json-dialect'
import { readLinkOptions } from '../../../worker/entries/link-options'
import type { Link, LinkEvents } from '../../../worker/link/link'
import { createSwitchboard } from '../../../worker/switchboard'

/** The whole worker on a link that the test speaks for. */

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockReturnValue()
  return () => vi.useRealTimers()
})

const idle = (dial: () => void): Link => ({
  dial,
  drop() {},
  release: async () => false,
  hangUp() {},
  send() {},
  probe() {},
})

function serve(options: object) {
  const engine = createSwitchboard(
    readLinkOptions({ panels: { errors: ['errors'] }, retry: { first: 0 }, ...options }, 'http://localhost/'),
    {
      name: 'partyline/1/u',
      incarnation: 'i',
      shared: true,
      place: undefined,
      lock: undefined,
      locked: Promise.resolve(),
      isFree: async () => true,
      watchLock: () => () => {},
    },
  )
  return {
    engine,
    /** Opens a tab with the panel. Returns what it received: the data of events, and the causes of gaps. */
    async open(hello: Partial<Hello> = {}) {
      const received: unknown[] = []
      function take(message: ToTab) {
        if (message.type === 'gap') received.push(message.gap.cause)
        if ((message.type === 'events' || message.type === 'opened') && typeof message.events !== 'string')
          received.push(...message.events.map((event) => ('data' in event ? event.data : event)))
        if (message.type !== 'beat') queueMicrotask(() => session.heard({ type: 'took', count: 1 }))
      }
      const session = engine.hello(
        { protocol: 1, worker: 'partyline/1/u', tab: 'tab', lock: 'lock', ...hello },
        take,
      )
      await vi.advanceTimersByTimeAsync(400)
      void session.subscribe(['errors'], { call: 1, since: undefined })
      await vi.advanceTimersByTimeAsync(400)
      return received
    },
  }
}

test('a connection per room, and numbered events - the server restarts and counts anew - a gap, and its events', async () => {
  let events: LinkEvents | undefined
  const { open } = serve({
    dialect: { ...jsonDialect, seq: (_: string, payload: { data: number }) => payload.data },
    link: (made: LinkEvents, _room: string) => {
      events = made
      return idle(() => queueMicrotask(() => made.opened({ recovered: false, missed: [] })))
    },
  })
  const received = await open()
  const send = (data: number) =>
    events?.message({ name: 'row', payload: { room: 'errors', data }, size: 1, room: 'errors' })
  send(7)
  send(8)
  events?.lost({ reason: 'restart' })
  await vi.advanceTimersByTimeAsync(400)
  send(1)
  send(2)
  await vi.advanceTimersByTimeAsync(400)
  expect(received).toEqual([7, 8, 'link', 1, 2])
})

test('a page comes from another worker while a lost connection is resumed - what the page missed is a gap, though the connection missed nothing', async () => {
  let events: LinkEvents | undefined
  const { open } = serve({
    dialect: {
      ...jsonDialect,
      position: (_: string, payload: { data: number }) => payload.data,
      resume: (positions: object) => ({ name: 'resume', payload: { positions } }),
      verdict: () => ({ room: 'errors', reason: '', recovered: true }),
    },
    link(made: LinkEvents) {
      events = made
      return idle(() => queueMicrotask(() => made.opened({ recovered: false, missed: [] })))
    },
  })
  const join = () => events?.message({ name: 'subscribed', payload: {}, size: 1 })
  const send = (data: number) => events?.message({ name: 'row', payload: { room: 'errors', data }, size: 1 })
  await open()
  join()
  send(1)
  events?.lost({ reason: 'cut' })
  await vi.advanceTimersByTimeAsync(400)
  const other = await open({
    tab: 'other',
    had: [[['errors'], Date.now() - 5000]],
    clock: ['another worker', Date.now() - 10_000],
  })
  join()
  send(2)
  await vi.advanceTimersByTimeAsync(400)
  // The last value, and what came after the gap.
  expect(other).toEqual([1, 'worker', 2])
})
