import { text } from '../checks'
import { type Build, type Builds, isSame, readBuilds } from '../succession/builds'
import type { Inheritance } from '../succession/inheritance'
import { type Answer, type Candidate, createPeers } from '../succession/peers'
import type { Script } from '../succession/script'
import type { Incumbent } from '../succession/succession'
import { createTurn } from '../succession/turn'
import { createPulse, SILENCE } from './pulse'

/** What sharing needs of the engine that serves the pages. */
export interface SharedEngine extends Pick<Incumbent, 'retire' | 'seenBuilds' | 'rememberBuilds'> {
  /** Whether another worker could continue the session with the server, so that nothing is missed. */
  canHandOn(): boolean
  /** Ends the connection, of which messages may be lost, and dials anew. */
  redial(why: string): void
}

/**
 * What is known of a worker that has the turn, and hangs or is frozen: it was `serving`, or it is `unheard`. The latter may have been frozen
 * since before it was granted the turn.
 */
export type Hung = 'serving' | 'unheard'

export interface SharingParts<E extends SharedEngine> {
  /** The base of the names of all workers of this user. */
  readonly base: string
  /** The name of the lock that this worker holds as long as it lives. Other workers know it by that. */
  readonly lock: string
  readonly script: Script
  readonly locks: LockManager
  /** Whether a page of this worker is in front. */
  readonly isInFront: () => boolean
  /** Starts an engine for the pages of all workers. `hung`: the worker before it still lives, and may be connected. */
  readonly start: (inheritance?: Inheritance, hung?: Hung) => E
  /** Starts one for the pages of this worker alone. */
  readonly startAlone: () => E
  /** That worker does not serve any more. */
  readonly left: (lock: string) => void
  /** Another worker serves from now on, or this one: pages have to say hello again. */
  readonly moved: () => void
  /** Ends this worker. */
  readonly close: () => void
}

/**
 * Decides which of the dedicated workers of a user serves the pages of all. It is one at a time, because it holds a lock. The others
 * relay their pages' calls to it, and wait for its lock. If it says nothing for long, one of them takes the lock from it.
 */
export interface Sharing<E extends SharedEngine> {
  /** The engine, while this worker serves. */
  engine(): E | undefined
  /** Resolves to the lock of the worker that serves; to `undefined` if this one does. `alone`: this worker should serve, and its own pages only. */
  found(alone: boolean): Promise<string | undefined>
  /** Whether this worker serves its own pages alone. */
  isAlone(): boolean
  /** Whether that other worker serves, as far as this one knows. */
  serves(lock: string): boolean
  /** That worker does not serve any more. */
  lost(lock: string): void
  /** That worker has ended. Another one has its turn by now, and may be frozen. */
  ended(lock: string): void
  /** Whether another worker may have taken the place of this one. Then the connection is dialled anew, once that is known. */
  isStale(): boolean
  /** Resolves once it is known that this worker still serves, even if it has stood still until now. */
  confirmed(): Promise<void>
  /** Another worker has sent something: the one that serves, which is alive then, or one that relays to this. Beats may wait behind many such messages. */
  received(): void
}

export function createSharing<E extends SharedEngine>(parts: SharingParts<E>): Sharing<E> {
  const { base, lock, script, locks } = parts
  const turnName = turnOf(base)
  let engine: E | undefined
  let isAlone = false
  /** The lock of the other worker that serves. */
  let servingLock: string | undefined
  /** Whether that one has ended. */
  let hasEnded = false
  let deciding: Promise<void> | undefined
  let builds: Promise<Builds> | undefined
  let waiting: AbortController | undefined
  /** Whether this worker was loaded with a page, and nobody has counted that yet. */
  let isLoad = true
  /** The answer to the last candidate. Candidates are answered one after another. */
  let judged: Promise<unknown> = Promise.resolve()
  /** Whether the worker that serves has been silent for `SILENCE`, so that this one may take the turn from it. */
  let isSilent = false
  /** Whether another worker was already taking the turn, and nobody has been heard since. */
  let isRefused = false
  /** How many beats in a row have said that a worker in front should serve. */
  let yields = 0
  let confirming: Promise<void> | undefined
  /** Settles once this worker has handed over, while it does so. */
  let retiring: Promise<undefined> | undefined

  // A `blob:` address is another one for each page.
  const address = /^https?:/.test(script.address) ? script.address : ''
  const own: Promise<Build> = script.text.then((text) => ({ address, text }))

  const turn = createTurn(locks, turnName, () => {
    if (engine) parts.close()
  })
  const peers = createPeers<string>({
    channel: turnName,
    id: lock,
    isPlace: text(),
    judge(candidate) {
      if (retiring) return retiring
      if (!engine || isAlone) return undefined
      pulse.beat()
      const verdict = judged.then(() => judge(candidate))
      judged = verdict.catch(() => {})
      return verdict
    },
    onOther() {
      if (engine) return
      isSilent = false
      isRefused = false
      leave()
      void decideOnce()
    },
  })
  const pulse = createPulse({
    channel: `${turnName}/pulse`,
    beat: () => ({ type: 'beat', from: lock, yields: !parts.isInFront() && engine?.canHandOn() === true }),
    heard(beat) {
      isSilent = false
      isRefused = false
      yields = beat.yields && parts.isInFront() ? yields + 1 : 0
      if (deciding) return
      if (beat.from !== servingLock) void decideOnce()
      // At once would be too early: the page in front may be changing.
      else if (yields > 1) void decideOnce(true)
    },
    silent() {
      isSilent = true
      if (deciding) peers.giveUp()
      else void decideOnce()
    },
    stalled() {
      confirming ??= confirm().finally(() => {
        confirming = undefined
      })
      engine?.redial('The tab with the connection was frozen.')
    },
  })

  /** Resolves if this worker still has the turn. Ends it if another one has taken the turn meanwhile. */
  async function confirm() {
    const { held = [] } = await locks.query()
    const ownerOf = (name: string) => held.find((each) => each.name === name)?.clientId
    if (ownerOf(turnName) === ownerOf(lock)) return
    parts.close()
    // What is under way in a worker that closes would go on to its next task.
    await new Promise(() => {})
  }

  function serve(inheritance?: Inheritance, hung?: Hung) {
    waiting?.abort()
    isLoad = false
    const next = parts.start(inheritance, hung)
    engine = next
    builds = readBuilds(own, next, inheritance?.builds)
    pulse.serve()
    peers.serves()
    leave()
    parts.moved()
  }

  function leave() {
    if (servingLock === undefined) return
    const before = servingLock
    servingLock = undefined
    parts.left(before)
  }

  function follow(other: string) {
    if (servingLock === other) return
    leave()
    servingLock = other
    hasEnded = false
    parts.moved()
  }

  /** Waits for the turn. Resolves once this worker has it and serves. */
  async function waitForTurn(): Promise<undefined> {
    waiting?.abort()
    waiting = new AbortController()
    await turn.wait(waiting.signal)
    // The turn was granted to a frozen tab, and another worker may have taken it since.
    if (pulse.isLate()) await confirm()
    if (!engine) serve()
    return undefined
  }

  function listen() {
    isSilent = false
    pulse.listen()
  }

  /**
   * Takes the turn from the worker that is silent, unless another worker has done so a moment ago: those that have not heard of it
   * yet would take it from that one. If that one is silent, too, it is frozen itself. (`locks.query()` would tell who has the turn, but
   * for that Chromium drops pages that hold locks from the back/forward cache.)
   */
  const rob = () =>
    new Promise<void>((decided) => {
      const act = (granted: Lock | null) => {
        isRefused = !granted
        const isOurs = granted && !engine && isSilent
        if (isOurs) {
          turn.steal()
          serve(undefined, servingLock && !hasEnded ? 'serving' : 'unheard')
        }
        decided()
        return isOurs && new Promise((over) => setTimeout(over, SILENCE))
      }
      // Another one may take this lock in turn.
      locks
        .request(`${turnName}/robbery`, isRefused ? { steal: true } : { ifAvailable: true }, act)
        .catch(() => decided())
    })

  async function decide(isInFront: boolean): Promise<void> {
    while (true) {
      if (isSilent) await rob()
      if (engine) return
      const taken = await turn.tryTake()
      if (engine) return
      if (taken === undefined) return serveAlone()
      if (taken) return serve()
      const build = await own
      listen()
      const free = waitForTurn()
      const candidate = { ...build, place: lock, isLoad, isInFront }
      isLoad = false
      const answer = await Promise.race([free, peers.ask(candidate, true)])
      if (engine) return
      if (answer?.type === 'handover') {
        // This worker stood still, and the other one may serve again. Both have the same clock.
        if (Date.now() - (answer.at ?? Infinity) > SILENCE) continue
        turn.steal()
        return serve(answer.inheritance)
      }
      if (answer?.place !== undefined) return follow(answer.place)
    }
  }

  /** A call that comes while it is being decided gets the same decision. */
  function decideOnce(isInFront = false): Promise<void> {
    yields = 0
    deciding ??= decide(isInFront).finally(() => {
      deciding = undefined
    })
    return deciding
  }

  /** Resolves to `undefined` if this worker has handed over to an earlier candidate. */
  async function judge(candidate: Candidate<string>): Promise<Answer<string> | undefined> {
    // One that stood still may not serve any more.
    await confirming
    if (!engine || !builds) return undefined
    const stay: Answer<string> = { type: 'stay', place: lock }
    const isOurs = isSame(candidate, await own)
    if (isOurs && candidate.isLoad) void builds.then((all) => all.loaded())
    const goesToFront = () => candidate.isInFront && !parts.isInFront() && engine?.canHandOn()
    // Others can follow before the database has answered.
    if (isOurs && !goesToFront()) return stay
    const known = await builds
    if (isOurs) {
      if (!goesToFront()) return stay
    } else {
      const verdict = known.judge(candidate, true, candidate.isLoad)
      engine.rememberBuilds(known.history().seen)
      if (verdict !== 'newer') return stay
    }
    const retired = engine.retire()
    engine = undefined
    // Pages that say hello meanwhile wait. The turn is still this worker's: the candidate takes it.
    const rest = (): undefined => {
      deciding = undefined
      retiring = undefined
      listen()
    }
    retiring = retired.then(rest, rest)
    deciding = retiring
    return {
      type: 'handover',
      inheritance: { ...(await retired), address, builds: known.history() },
      at: Date.now(),
    }
  }

  function serveAlone() {
    isAlone = true
    engine = parts.startAlone()
  }

  return {
    engine: () => engine,
    async found(alone) {
      if (alone && !engine && !servingLock && !deciding) serveAlone()
      while (!engine && servingLock === undefined) await decideOnce()
      return engine ? undefined : servingLock
    },
    isAlone: () => isAlone,
    serves: (other) => other === servingLock,
    lost(other) {
      if (other === servingLock) leave()
    },
    ended(other) {
      if (other === servingLock) hasEnded = true
    },
    isStale: () => confirming !== undefined || pulse.hasStalled(),
    async confirmed() {
      pulse.hasStalled()
      await confirming
    },
    received() {
      if (engine) pulse.hasStalled()
      else if (servingLock !== undefined) pulse.markAlive()
    },
  }
}

/** The name of the lock that the worker that serves holds. */
export const turnOf = (base: string) => `${base}/sharing`
