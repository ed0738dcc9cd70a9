import type { Message } from '../dialect/dialect'
import type { Credentials, Link, LinkEvents, Loss, Opening } from '../link/link'
import type { LinkHarness } from './harness'

/** How long a call that must come may take, in ms. */
const PATIENCE = 5000
/** How often to look, in ms. */
const LOOK = 5

/** Ways to end a connection or an attempt. */
export const ENDS = ['drop', 'hangUp', 'release'] as const
export type End = (typeof ENDS)[number]

type State = 'idle' | 'dialling' | 'open'

/** A link whose every call is noted, and held against the contract. */
export interface WatchedLink {
  readonly link: Link
  readonly opened: Opening[]
  readonly lost: Loss[]
  /** The numbers of the messages, in the order they came. */
  readonly numbers: number[]
  /** The rooms that were joined, in that order. */
  readonly joined: string[]
  /** Why something could not be read. */
  readonly unreadable: string[]
  /** The position of the last message that had one. */
  readonly position: () => string | undefined
  /** Called once, with the next event of this name. */
  once(name: 'opened' | 'lost' | 'message', act: () => void): void
  dial(more?: Partial<Credentials>): void
  /** Dials, and waits until the link is open. */
  open(more?: Partial<Credentials>): Promise<void>
  end(way: End): Promise<unknown>
  /** Returns whether the message left, as far as the link says. */
  send(message: Message, acknowledged?: (answer: unknown) => void): boolean
  probe(answered: () => void): void
  join(room: string): void
  leave(room: string): void
  /** Waits until something is so. The error says what was expected, and what was seen. */
  until(expected: string, isSo: () => boolean | Promise<boolean>): Promise<void>
  /** Fails unless something is so. */
  expect(expected: string, isSo: boolean): void
  /** Fails unless the link was lost once, without a rejection. */
  expectLoss(): void
  /** Waits in vain for calls that must not come. */
  quiet(times?: number): Promise<void>
  /** Fails if the link has broken the contract. */
  check(): void
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

export function watchLink(
  harness: LinkHarness,
  createLink: (events: LinkEvents) => Link = (events) => harness.createLink(events),
): WatchedLink {
  const opened: Opening[] = []
  const lost: Loss[] = []
  const numbers: number[] = []
  const joined: string[] = []
  const unreadable: string[] = []
  let position: string | undefined
  /** What was done and seen, for errors. */
  const seen: string[] = []
  const reactions = new Map<string, () => void>()
  let state: State = 'idle'
  /** The rooms of the last dial. */
  let rooms: readonly string[] = []
  let fault: string | undefined

  const problem = (expected: string) =>
    new Error(`Expected: ${expected}. Seen: ${seen.join(', ') || 'nothing'}.`)

  /** Notes a call of the link. In another state than these, the contract forbids it. */
  function called(what: string, allowed: readonly State[], note = what) {
    seen.push(note)
    if (!allowed.includes(state))
      fault ??= `no call of "${what}" while the link is ${state === 'idle' ? 'neither dialling nor open' : state}`
  }

  function react(name: string) {
    const act = reactions.get(name)
    reactions.delete(name)
    act?.()
  }

  function inRoom(what: string, room: string) {
    called(`rooms.${what}`, ['open'], `rooms.${what} of "${room}"`)
  }

  const link = createLink({
    opened(opening) {
      called('opened', ['dialling'], opening.recovered ? 'opened, recovered' : 'opened')
      state = 'open'
      opened.push(opening)
      for (const message of opening.missed) take(message)
      // A session that was recovered has its rooms.
      if (!opening.recovered) for (const room of rooms) link.join?.(room)
      react('opened')
    },
    lost(loss) {
      const isRejected = loss.rejection ? ', with a rejection' : ''
      called('lost', ['dialling', 'open'], `lost ("${loss.reason}"${isRejected})`)
      state = 'idle'
      lost.push(loss)
      react('lost')
    },
    message(message) {
      called('message', ['open'], `message ${harness.numberIn(message) ?? `"${message.name}"`}`)
      take(message)
      react('message')
    },
    alive: () => called('alive', ['open']),
    unreadable(why) {
      called('unreadable', ['open'], `unreadable ("${why}")`)
      unreadable.push(why)
    },
    rooms: {
      up(room) {
        inRoom('up', room)
        joined.push(room)
      },
      down: (room) => inRoom('down', room),
    },
  })

  function take(message: Parameters<LinkEvents['message']>[0]) {
    position = message.position ?? position
    const number = harness.numberIn(message)
    if (number === undefined) return
    numbers.push(number)
    if (!Number.isInteger(message.size) || message.size < 1)
      fault ??= `message ${number} to have its length on the wire as "size", and not ${message.size}`
  }

  function check() {
    if (fault !== undefined) throw problem(fault)
  }

  function dial(more: Partial<Credentials> = {}) {
    seen.push('[dial]')
    state = 'dialling'
    const token = harness.tokens?.accepted
    rooms = harness.rooms?.slice(0, 1) ?? []
    try {
      link.dial({ rooms, ...(token !== undefined && { token }), ...more })
    } catch (error) {
      fault ??= `"dial" to call "lost" instead of throwing "${error}"`
    }
  }

  async function until(expected: string, isSo: () => boolean | Promise<boolean>) {
    const start = performance.now()
    for (;;) {
      check()
      if (await isSo()) return
      if (performance.now() - start > PATIENCE) throw problem(`${expected}, within ${PATIENCE} ms`)
      await pause(LOOK)
    }
  }

  function expect(expected: string, isSo: boolean) {
    check()
    if (!isSo) throw problem(expected)
  }

  return {
    link,
    opened,
    lost,
    numbers,
    joined,
    unreadable,
    position: () => position,
    once: (name, act) => void reactions.set(name, act),
    dial,
    async open(more) {
      const before = opened.length
      dial(more)
      await until('"opened" after "dial"', () => opened.length > before || state === 'idle')
      if (opened.length === before) throw problem('"opened" after "dial"')
    },
    async end(way) {
      seen.push(`[${way}]`)
      state = 'idle'
      return link[way]()
    },
    send(message, acknowledged) {
      const left = link.send(message, acknowledged) !== false
      seen.push(left ? '[send]' : '[send] of what did not leave')
      return left
    },
    probe(answered) {
      seen.push('[probe]')
      link.probe(() => {
        seen.push('answer to the probe')
        answered()
      })
    },
    join(room) {
      seen.push(`[join "${room}"]`)
      link.join?.(room)
    },
    leave(room) {
      seen.push(`[leave "${room}"]`)
      link.leave?.(room)
    },
    until,
    expect,
    expectLoss() {
      const [loss] = lost
      expect('"lost", once, with a reason', lost.length === 1 && loss?.reason !== '')
      expect('"lost" without a rejection: the server has not refused the user', !loss?.rejection)
    },
    async quiet(times = 1) {
      await pause((harness.quiet ?? 300) * times)
      check()
    },
    check,
  }
}
