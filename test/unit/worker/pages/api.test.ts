import { type Endpoint, proxy, wrap } from 'comlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import type { Switchboard } from '../../../../shared/switchboard'
import type { ToTab, ToWorker } from '../../../../shared/wire'
import type { PostToTab } from '../../../../worker/delivery/channel'
import { createCalls, exposeCalls } from '../../../../worker/pages/api'
import type { Engine } from '../../../../worker/pages/engine'
import type { Registration } from '../../../../worker/pages/registration'

const HELLO = { protocol: 1, worker: 'w', tab: 'tab' }

let ends: MessageChannel
/** What posts to the page that said hello last. */
let deliver: PostToTab
let heard: ToWorker[]
let isSignedOut: boolean

beforeEach(() => {
  ends = new MessageChannel()
  heard = []
  isSignedOut = false
  const registration = {
    welcome: Promise.resolve({ incarnation: 'first' }),
    heard: (message: ToWorker) => heard.push(message),
    isSignedOut: () => isSignedOut,
    expectHere() {
      throw new PartylineError('unregistered', 'Say hello again.')
    },
  } as unknown as Registration
  const engine = {
    hello(_: unknown, delivery: PostToTab) {
      deliver = delivery
      return registration
    },
    refused() {},
    ping: () => 'first',
  } as unknown as Engine
  const finder = { incarnation: 'first', engine: () => engine, find: () => engine, looked: async () => {} }
  exposeCalls(finder, createCalls(finder), ends.port1)
})
afterEach(() => {
  ends.port1.close()
  ends.port2.close()
})

const hello = (listener: (message: ToTab) => void) =>
  wrap<Switchboard>(ends.port2 as unknown as Endpoint).hello(HELLO, proxy(listener))

const TOOK = { type: 'took', count: 1 }

test('a proxied function that returns has answered its message', async () => {
  const told: ToTab[] = []
  expect(await hello((message) => told.push(message))).toEqual({ incarnation: 'first' })
  deliver({ type: 'beat' })
  deliver({ type: 'signout' })
  await expect.poll(() => heard, { interval: 1 }).toEqual([TOOK, TOOK])
  expect(told).toEqual([{ type: 'beat' }, { type: 'signout' }])
})

test('a proxied function that throws or rejects has answered too', async () => {
  await hello(() => {
    throw new Error('a mistake in the page')
  })
  deliver({ type: 'beat' })
  await expect.poll(() => heard, { interval: 1 }).toEqual([TOOK])
  await hello(() => Promise.reject('later'))
  deliver({ type: 'beat' })
  await expect.poll(() => heard, { interval: 1 }).toEqual([TOOK, TOOK])
})

test('a proxied function that takes its time has answered when it is done', async () => {
  let finish = () => {}
  await hello(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }),
  )
  deliver({ type: 'beat' })
  await new Promise((done) => setTimeout(done, 20))
  expect(heard).toEqual([])
  finish()
  await expect.poll(() => heard, { interval: 1 }).toEqual([TOOK])
})

test('a message that cannot be posted to a proxied function throws at once, and counts for nothing', async () => {
  await hello(() => {})
  const data = () => {}
  expect(() => deliver({ type: 'events', events: [{ id: 1, room: 'r', name: 'n', at: 1, data }] })).toThrow()
  deliver({ type: 'beat' })
  await expect.poll(() => heard, { interval: 1 }).toEqual([TOOK])
  await new Promise((done) => setTimeout(done, 20))
  expect(heard).toEqual([TOOK])
})

test('a page pings whose tab is not here - it is told so, but not while it waits for its sign-out', async () => {
  await hello(() => {})
  const ping = () => wrap<Switchboard>(ends.port2 as unknown as Endpoint).ping()
  await expect(ping()).rejects.toMatchObject({ reason: 'unregistered' })
  isSignedOut = true
  expect(await ping()).toBe('first')
})
