import { PartylineError } from '../../shared/errors'
import type { KeptMessage, KeptOutcome, Unsent } from '../../shared/kept'
import { now } from '../clock'
import { atMost } from '../deadline'
import { notServing, signedOut } from '../failures'
import type { Home } from '../home'
import type { Connection } from '../link/connection'
import { createKeptRecords, isKeptHandover, type KeptHandover } from '../persistence/kept-records'
import type { Store } from '../persistence/store'
import { createOutcomes, type Outcomes } from './outcomes'
import { asQueued, createRedelivery, type Queued, type RedeliveryParts } from './redelivery'
import { LONGEST_PAYLOAD } from './sender'
import { sizeOf } from './size'

/** The most messages that are kept. */
const MOST = 1000
/** The most characters that their payloads may have together, as JSON. */
const LARGEST = 5_000_000
/** How long a hand-over waits for messages that are being written, in ms. */
const PATIENCE = 1000
/** The shortest time between two reports of how many messages are unsent, in ms. */
const REST = 50
/** How often to look for messages of workers that have ended, in ms. */
const LOOK = 60_000
/** The longest delay of a timer, in ms. */
const TIMER = 2 ** 31 - 1

export interface KeptParts extends Pick<RedeliveryParts, 'deliver'> {
  readonly connection: Pick<Connection, 'isOpen'>
  readonly home: Pick<Home, 'lock' | 'owner' | 'isFree' | 'exclusively' | 'watchLock'>
  /** The name of the database. */
  readonly database: string
  readonly store: Store
  /** How long a message is kept at most, in ms. */
  readonly keepFor: number
  readonly count: (what: 'kept' | 'expired') => void
  /** Tells the tabs. */
  readonly ended: (outcome: KeptOutcome) => void
  /** The number of unsent messages may have changed. */
  readonly changed: () => void
}

/** The messages that are kept until the server has acknowledged them. Each is in the database until it has ended. */
export interface Kept extends Pick<Outcomes, 'untold' | 'told'> {
  /**
   * Resolves once the message is in the database. Does nothing if a message with this id is kept, or was acknowledged. Rejects with
   * `not-sent`, `limit` or `bad-argument` if it cannot be kept, and with `unanswered` if it may be in the database.
   */
  keep(message: Omit<KeptMessage, 'at'>): Promise<void>
  unsent(): Promise<readonly Unsent[]>
  count(): number
  /** Resolves once the message is removed: to `false` if it was not kept any more. Rejects with `unanswered` if it may be in the database. */
  withdraw(id: string): Promise<boolean>
  /** The connection is open, or that of another room. */
  opened(): void
  /** Takes over what the worker before this one has handed over, if it is what this build knows. */
  inherit(handover: unknown): void
  /** Keeps and sends nothing more, because another worker takes over. Resolves once what is being written is there, or after a while. */
  retire(): Promise<unknown>
  /** What the other worker takes over. */
  handOver(): KeptHandover
  /** Writes everything again, because the database has lost it. */
  rewrite(): void
  /** The user signed out: forgets everything. The caller clears the database. */
  clear(): void
}

interface Message extends Queued {
  readonly size: number
  /** Settles once it is in the database, or cannot be. */
  stored: Promise<void>
}

export type CreateKept = (parts: KeptParts) => Kept

export function createKept({ home, keepFor, ...parts }: KeptParts): Kept {
  const records = createKeptRecords(parts.store)
  const { owner = home.lock } = home
  /** The lock that a worker holds while it takes over messages. */
  const turn = `${parts.database}/kept`
  /** The oldest first. */
  const messages = new Map<string, Message>()
  const outcomes = createOutcomes(records, parts.ended)
  let size = 0
  let isRetired = false
  let isHandedOver = false
  /** How often the user has signed out: what was read before is gone. */
  let signOuts = 0
  let expiry: ReturnType<typeof setTimeout> | undefined
  let reporting: ReturnType<typeof setTimeout> | undefined
  /** The locks of other workers that have messages. */
  const others = new Set<string>()
  /** Whether a take-over waits for its turn. */
  let isQueued = false

  const redelivery = createRedelivery({
    messages,
    isOpen: parts.connection.isOpen,
    deliver: parts.deliver,
    ended: (message, how) => void end(message as Message, how),
  })

  const stored = () => [...messages.values()].filter(({ state }) => state !== 'writing')

  const write = (message: KeptMessage) =>
    records.write({ ...plain(message), ...(owner !== undefined && { owner }) })

  function changed() {
    reporting ??= setTimeout(() => {
      reporting = undefined
      parts.changed()
    }, REST)
  }

  function add(message: KeptMessage, state: 'writing' | 'waiting', length: number): Message {
    const added = { ...asQueued(message, state), size: length, stored: Promise.resolve() }
    messages.set(message.id, added)
    size += length
    return added
  }

  function drop(message: Message) {
    if (messages.delete(message.id)) size -= message.size
  }

  function end(message: Message, how: Omit<KeptOutcome, 'id' | 'name'>): Promise<unknown> {
    const { id, name } = message
    drop(message)
    changed()
    return outcomes.add({ id, name, ...how })
  }

  /** Ends the messages that are too old, and waits for the next one. */
  function expire() {
    clearTimeout(expiry)
    if (isHandedOver) return
    for (const message of stored()) {
      const left = message.at + keepFor - now()
      if (left > 0) {
        expiry = setTimeout(expire, Math.min(left, TIMER))
        return
      }
      const what = message.hasLeft === false ? 'It was not sent' : 'The server did not acknowledge it'
      const reason = `${what} within ${keepFor / 1000} s.`
      parts.count('expired')
      void end(message, { outcome: 'expired', reason })
    }
  }

  function go() {
    expire()
    redelivery.pump()
  }

  async function store(message: Message) {
    const { id, name } = message
    const isWritten = await write(message)
    if (isHandedOver) throw notServing()
    if (messages.get(id) !== message) {
      if (!messages.has(id)) void records.remove(id)
      throw signedOut()
    }
    if (!isWritten) {
      drop(message)
      void records.remove(id)
      throw notKept(name, isWritten)
    }
    message.state = 'waiting'
    parts.count('kept')
    changed()
    go()
  }

  /** Adds messages of earlier workers that are not known here. None of their times may be in the future. */
  function adopt(found: readonly KeptMessage[]): Promise<unknown> {
    let latest = now()
    const unknown = found.filter(({ id }) => !messages.has(id) && !outcomes.has(id))
    const adopted = unknown.reverse().map((message) => {
      const at = Math.min(message.at, latest)
      latest = at - 1
      return add({ ...message, at }, 'waiting', sizeOf(message.payload).length)
    })
    const sorted = [...messages].sort(([, a], [, b]) => a.at - b.at)
    messages.clear()
    for (const [id, message] of sorted) messages.set(id, message)
    if (adopted.length > 0) changed()
    go()
    return Promise.all(adopted.map(write))
  }

  /**
   * Takes over the messages of workers that have ended, and of those before this one under the same lock. One worker at a time
   * does, so that each message gets one owner.
   */
  async function takeOver() {
    if (isQueued || isRetired) return
    isQueued = true
    await home.exclusively(turn, async () => {
      isQueued = false
      const before = signOuts
      const found = await records.load()
      const free = new Set([undefined, owner])
      const owners = new Set(
        found.messages.flatMap((each) => (free.has(each.owner) ? [] : (each.owner ?? []))),
      )
      await Promise.all(
        [...owners].map(async (other) => {
          if (others.has(other)) return
          if (await home.isFree(other)) free.add(other)
          else watch(other)
        }),
      )
      if (isRetired || signOuts !== before) return
      outcomes.learn(found.outcomes)
      await adopt(found.messages.filter((each) => free.has(each.owner)))
    })
    isQueued = false
  }

  /** Takes over what a worker leaves, once it ends. */
  function watch(other: string) {
    others.add(other)
    home.watchLock?.(other, () => {
      others.delete(other)
      void takeOver()
    })
  }

  /** Settles once the messages of earlier workers are here, and those from before this worker served again. */
  const started = takeOver()
  // Without locks, nobody knows whether another worker sends its messages still.
  const looking =
    home.lock === undefined
      ? undefined
      : setInterval(() => {
          if (parts.connection.isOpen()) void takeOver()
        }, LOOK)

  return {
    async keep({ id, name, payload }) {
      const before = signOuts
      await started
      if (signOuts !== before) throw signedOut()
      if (isRetired) throw notServing()
      const known = messages.get(id)
      if (known) return known.stored
      if (outcomes.isAcknowledged(id)) return
      if (!parts.store.isPersistent()) throw notKept(name, await records.isWritten(id))
      const { length, isPlain } = sizeOf(payload)
      if (!isPlain)
        throw new PartylineError(
          'bad-argument',
          `"${name}" cannot be kept: a payload may have what JSON can express, and binary data.`,
        )
      if (length > LONGEST_PAYLOAD || messages.size >= MOST || size + length > LARGEST)
        throw new PartylineError(
          'limit',
          `"${name}" was not kept: ${MOST} messages are kept at most, of ${LONGEST_PAYLOAD} characters each and ${LARGEST} together.`,
        )
      outcomes.forget(id)
      const newest = [...messages.values()].at(-1)?.at ?? 0
      // Messages are sorted by their times, so no two are equal.
      const message = add({ id, name, payload, at: Math.max(now(), newest + 1) }, 'writing', length)
      message.stored = store(message)
      return message.stored
    },
    async unsent() {
      await started
      return stored().map((message) => ({ ...plain(message), expires: message.at + keepFor }))
    },
    count: () => stored().length,
    async withdraw(id) {
      await started
      await messages.get(id)?.stored.catch(() => {})
      if (isHandedOver) throw notServing()
      const message = messages.get(id)
      if (message) await end(message, { outcome: 'withdrawn' })
      if (!(await records.isWritten(id)))
        throw new PartylineError(
          'unanswered',
          `A later worker may send the message (${id}): the browser's database has not removed it yet. Call withdraw() again.`,
        )
      return message !== undefined
    },
    opened() {
      // Timers do not run while the machine sleeps.
      expire()
      redelivery.opened()
      if (looking !== undefined) void takeOver()
    },
    untold: outcomes.untold,
    told: outcomes.told,
    inherit(handover) {
      if (!isKeptHandover(handover)) return
      outcomes.learn(handover.outcomes)
      void adopt(handover.messages)
    },
    retire() {
      isRetired = true
      clearInterval(looking)
      redelivery.stop()
      return atMost(PATIENCE, Promise.allSettled([...messages.values()].map((message) => message.stored)))
    },
    handOver() {
      isHandedOver = true
      records.seal()
      clearTimeout(expiry)
      clearTimeout(reporting)
      return {
        messages: stored().map(plain),
        outcomes: outcomes.untold(),
      }
    },
    rewrite() {
      for (const message of messages.values()) void write(message)
      outcomes.rewrite()
    },
    clear() {
      signOuts += 1
      size = 0
      messages.clear()
      outcomes.clear()
      changed()
    },
  }
}

/** Only what the database, pages and other workers get of a message. */
const plain = ({ id, name, payload, at }: KeptMessage): KeptMessage => ({ id, name, payload, at })

/** @param isWritten `undefined`: the database may have the message all the same. */
const notKept = (name: string, isWritten: boolean | undefined) =>
  isWritten === undefined
    ? new PartylineError(
        'unanswered',
        `"${name}" may be kept: the browser's database did not answer in time.`,
      )
    : new PartylineError('not-sent', `"${name}" was not kept: the browser's database does not work.`)
