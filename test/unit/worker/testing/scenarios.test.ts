import { type LinkHarness, linkScenarios } from 'partyline/testing/link'
import type { Link, LinkEvents } from 'partyline/worker/link'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

/** A server and its links in memory. Each fault breaks one sentence of the contract. */

/** Each fault, and what the suite says about it. */
const FAULTS = {
  'opens twice': /no call of "opened" while the link is open\. Seen: \[dial\], opened, opened/,
  'is lost twice': /no call of "lost" while the link is neither dialling nor open/,
  'never tells that it is lost': /Expected: "lost", within 5000 ms\. Seen: \[dial\], opened/,
  'calls a loss a rejection': /"lost" without a rejection.* Seen: .*lost \("closed", with a rejection\)/,
  'redials by itself': /no attempt without a dial, but the server has seen \d/,
  'says more after the end': /no call of "alive" while the link is neither dialling nor open/,
  'keeps the connection after the end': /no connection at the server, within 5000 ms/,
  'opens once only': /"opened" after "dial", within 5000 ms/,
  'throws from dial': /"dial" to call "lost" instead of throwing "Error: no address"/,
  'calls a refusal a loss': /"lost" with a rejection/,
  'repeats messages': /messages 1 to 20, in order/,
  'tells no size': /message 1 to have its length on the wire as "size", and not 0/,
  'is lost by something unreadable': /messages 1 and 2, within 5000 ms.* Seen: .*lost \("unreadable"\)/,
  'claims to send what it cannot send now': /"send" to return false while not open\. Seen: \[send\]/,
  'claims not to send what it sends': /"send" not to return false while open\. Seen: /,
  'acknowledges what it did not send': /at most one acknowledgement, and not \d/,
  'sends later what it cannot send now': /the message at the server once, and not \d times/,
  'answers every probe': /no answer\. Seen: /,
  'answers a probe twice': /one answer to probe 1, and not 2/,
  'joins no room': /"rooms\.up" of "rows", within 5000 ms/,
  'recovers no session': /message 2, which was missed, within 5000 ms/,
} as const
type Fault = keyof typeof FAULTS | 'none'

interface Peer {
  hear(number: number | 'unreadable'): void
  close(): void
}

function harnessOf(fault: Fault): LinkHarness {
  const peers = new Set<Peer>()
  let isUp = false
  let isHanging = false
  let attempts = 0
  let received = 0
  let published = 0

  function createLink(events: LinkEvents, app = () => {}): Link {
    let isOpen = false
    let peer: Peer | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let unsent = 0
    let dials = 0
    let answers: (() => void)[] = []

    function end() {
      if (isOpen && fault === 'says more after the end') setTimeout(() => events.alive())
      isOpen = false
      answers = []
      clearTimeout(timer)
      if (peer && fault !== 'keeps the connection after the end') peers.delete(peer)
      peer = undefined
    }

    function lose(reason: string, isRefused = false) {
      end()
      const isRejected =
        fault === 'calls a loss a rejection' || (isRefused && fault !== 'calls a refusal a loss')
      const loss = { reason, ...(isRejected && { rejection: { message: reason } }) }
      if (fault !== 'never tells that it is lost') events.lost(loss)
      if (fault === 'is lost twice') events.lost(loss)
      if (fault === 'redials by itself')
        setTimeout(() => {
          attempts += 1
        }, 60)
    }

    function hear(number: number | 'unreadable') {
      if (number === 'unreadable' && fault === 'is lost by something unreadable') return lose('unreadable')
      if (number === 'unreadable') return events.unreadable('no number')
      const size = fault === 'tells no size' ? 0 : 1
      for (const _ of fault === 'repeats messages' ? [1, 2] : [1])
        events.message({ name: 'row', payload: number, size, position: `${number}` })
    }

    function open(from: number) {
      dials += 1
      const own: Peer = { hear, close: () => lose('closed') }
      peer = own
      peers.add(own)
      isOpen = true
      const recovered = from > 0 && fault !== 'recovers no session'
      events.opened({ recovered, missed: [], session: 'session' })
      if (fault === 'opens twice') events.opened({ recovered, missed: [] })
      received += unsent
      unsent = 0
      if (recovered)
        for (let number = from + 1; number <= published && peer === own; number += 1) hear(number)
    }

    return {
      dial({ token, session }) {
        if (fault !== 'throws from dial') {
          try {
            app()
          } catch (error) {
            return lose(String(error))
          }
        } else app()
        if (isUp) attempts += 1
        if (fault === 'opens once only' && dials > 0) return
        timer = setTimeout(() => {
          if (!isUp) lose('no server')
          else if (token !== 'good') lose('unauthorized', true)
          else if (!isHanging) open(session?.id === 'session' ? Number(session.position) : 0)
        }, 1)
      },
      drop: end,
      hangUp: end,
      async release() {
        end()
        return true
      },
      send(_, acknowledged) {
        if (isOpen || fault === 'acknowledges what it did not send') setTimeout(() => acknowledged?.({}))
        if (isOpen) received += 1
        else if (fault === 'sends later what it cannot send now') unsent += 1
        const isHonest =
          fault !== (isOpen ? 'claims not to send what it sends' : 'claims to send what it cannot send now')
        return isHonest ? isOpen : !isOpen
      },
      probe(answered) {
        answers.push(answered)
        if (isHanging && fault !== 'answers every probe') return
        setTimeout(() => {
          const all = answers.splice(0)
          for (const each of all) each()
          if (fault === 'answers a probe twice') all[0]?.()
        })
      },
      join(room) {
        if (fault !== 'joins no room') setTimeout(() => isOpen && events.rooms.up(room))
      },
      leave() {},
    }
  }

  function cut() {
    for (const each of [...peers]) each.close()
  }
  return {
    createLink,
    createBrokenLink: (events) =>
      createLink(events, () => {
        throw new Error('no address')
      }),
    start() {
      isUp = true
    },
    stop() {
      isUp = false
      isHanging = false
      cut()
      peers.clear()
    },
    cut,
    hang(on) {
      isHanging = on
    },
    connected: () => peers.size,
    attempts: () => attempts,
    publish(numbers) {
      for (const number of numbers) {
        published = number
        for (const each of [...peers]) each.hear(number)
      }
    },
    numberIn: ({ payload }) => payload as number,
    publishUnreadable() {
      for (const each of peers) each.hear('unreadable')
    },
    sent: { message: { name: 'row', payload: 0 }, received: () => received },
    asksByProbe: true,
    tokens: { accepted: 'good', refused: 'bad' },
    rooms: ['rows', 'others'],
    recovers: true,
    quiet: 20,
  }
}

/** Runs all scenarios. Returns the errors of those that fail. */
async function failuresOf(fault: Fault): Promise<readonly string[]> {
  const failures: string[] = []
  let isDone = false
  async function runAll() {
    for (const { name, run } of linkScenarios(harnessOf(fault)))
      await run().catch((error: Error) => failures.push(`${name}: ${error.message}`))
    isDone = true
  }
  void runAll()
  while (!isDone) await vi.advanceTimersByTimeAsync(1000)
  return failures
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a link that keeps the contract passes every scenario', async () => {
  expect(await failuresOf('none')).toEqual([])
})

test.for(Object.entries(FAULTS))(
  'a link that %s - the error says what was expected, and what was seen',
  async ([fault, expected]) => {
    expect((await failuresOf(fault as Fault)).join('\n')).toMatch(expected)
  },
)
