import { bench, describe, vi } from 'vitest'
import type { ToTab } from '../../shared/wire'
import { textOf } from '../../worker/delivery/event'
import { createOutbox } from '../../worker/delivery/outbox'
import { createPayloads } from '../server/payload'

const EVENTS = 100
const WINDOW = 8

// With fake timers, the outbox does not have to wait for its window to end.
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

/** Opens tabs that all show one room. Each acknowledges every post, and copies it as `postMessage` would. */
function setUp(tabs: number) {
  const outbox = createOutbox({
    retain: 1,
    queue: 1000,
    count: () => {},
    warn: () => {},
    order: { first: () => undefined, isVisible: () => true, isMissing: () => false },
  })
  for (let index = 0; index < tabs; index += 1) {
    const tab = `tab-${index}`
    const deliver = (message: ToTab) => {
      structuredClone(message)
      outbox.took(tab)
    }
    outbox.attach(tab, Object.assign(deliver, { readsText: true }), [])
    outbox.open(tab, [{ ref: ['feed'], rooms: ['feed'], call: 1, since: undefined, reports: [] }])
  }
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
