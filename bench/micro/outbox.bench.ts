import { bench, describe, vi } from 'vitest'
import { textOf } from '../../worker/delivery/event'
import { createPayloads } from '../server/payload'
import { outboxOf } from './tabs'

const EVENTS = 100
const WINDOW = 8

// With fake timers, the outbox does not have to wait for its window to end.
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

/** Publishes events to tabs that all show one room. */
function setUp(tabs: number) {
  const outbox = outboxOf(tabs)
  const payload = createPayloads('feed', 300)
  let id = 0
  return () => {
    for (let n = 0; n < EVENTS; n += 1) {
      id += 1
      const { data } = payload(1, n, 1.5)
      const event = { id, room: 'feed', name: 'row', at: id }
      outbox.publish({ ...event, size: 300, body: { text: textOf(event, JSON.stringify(data)) } })
    }
    vi.advanceTimersByTime(WINDOW)
  }
}

describe(`batch ${EVENTS} events of 300 bytes`, () => {
  for (const tabs of [1, 20, 40]) bench(`for ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}`, setUp(tabs))
})
