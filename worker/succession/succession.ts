import type { Place } from '../../shared/place'
import type { Happening, KeptReason, Snapshot } from '../../shared/snapshot'
import type { Hello } from '../../shared/switchboard'
import { either, exactly, number, object, text } from '../checks'
import type { SeenBuilds } from '../persistence/records'
import { type Build, type Builds, readBuilds } from './builds'
import type { Inheritance } from './inheritance'
import { type Answer, type Candidate, createPeers } from './peers'
import type { Script } from './script'
import { createTurn } from './turn'
import { createUpdates } from './updates'

/** What the succession needs of the engine that serves the pages. */
export interface Incumbent {
  /** Whether a page is here whose own factory starts this worker. */
  hasOwnPages(): boolean
  /** Asks a page whether it can open that worker. */
  canMove(tab: string, place: Place): Promise<boolean>
  /** Asks all pages. One that does not answer in time counts as able to, because it may be frozen. */
  canAllMove(place: Place): Promise<boolean>
  /**
   * Sends all pages to that worker, ends the connection so that its session can be continued, and does nothing from then on. Without a
   * place, pages are told by others where they are served.
   */
  retire(place?: Place): Promise<Omit<Inheritance, 'address' | 'builds'>>
  /** Takes over the kept messages of this worker's previous engine. */
  inheritKept(kept: unknown): void
  /** The builds that the database knows. */
  seenBuilds(): Promise<SeenBuilds>
  rememberBuilds(builds: SeenBuilds): void
  note(happening: Happening): void
}

export interface SuccessionParts<E extends Incumbent> {
  /** The base of the names of all workers of this user. */
  readonly base: string
  readonly incarnation: string
  readonly place: Place
  readonly script: Script
  readonly locks: LockManager | undefined
  /** `isGranted`: the worker that had the turn has ended. */
  readonly start: (inheritance?: Inheritance, isGranted?: boolean) => E
  /** Ends this worker. */
  readonly close: () => void
}

/** Decides which worker of a user serves: the one of the newest build. */
export interface Succession<E extends Incumbent> {
  /** The engine, while this worker serves. */
  engine(): E | undefined
  /** Finds what serves a page that says hello: this worker's engine, or the worker at that place. */
  find(hello: Pick<Hello, 'tab' | 'moves' | 'sent' | 'hung'>): E | Promise<E | Place>
  /** Resolves once the check for a new script is done. If there was one, its worker has taken over, unless it took too long. */
  looked(): Promise<void>
  /** Where pages find this worker, if it serves all of them. */
  place(): Place | undefined
  describe(): NonNullable<Snapshot['build']>
}

/** How long a worker that has handed over stays open, to send late pages to its successor, in ms. */
const LINGER = 10_000
/** How long a worker that serves alone waits before it asks again, in ms. */
const ALONE = 20_000

const isPlace = object({
  address: text(),
  generation: number(0),
  type: either(exactly('module'), exactly('classic')),
})

export function createSuccession<E extends Incumbent>(parts: SuccessionParts<E>): Succession<E> {
  const { base, place, script, locks } = parts
  let engine: E | undefined
  /** Whether this is the worker that serves all pages of the user. A worker may serve its own pages beside it. */
  let isIncumbent = false
  let hasLocks = true
  let closing: ReturnType<typeof setTimeout> | undefined
  /** Runs while this worker serves alone. */
  let asking: ReturnType<typeof setTimeout> | undefined
  /** Whether a page has found that the worker that serves hangs. */
  let hangs = false
  /** The build of this worker. Its text is added once it was read. */
  let own: Build = { address: script.address, text: undefined }
  let builds: Promise<Builds> | undefined
  let firstSeenAt: number | undefined
  let waiting: AbortController | undefined
  /** The answer to the last candidate. Candidates are answered one after another. */
  let judged: Promise<unknown> = Promise.resolve()

  const turn = createTurn(locks, `${base}/serving`, () => {
    if (isIncumbent) parts.close()
  })
  const peers = createPeers<Place>({
    channel: `${base}/workers`,
    id: parts.incarnation,
    isPlace,
    judge(candidate) {
      if (!isIncumbent) return undefined
      const verdict = judged.then(() => judge(candidate))
      judged = verdict.catch(() => {})
      return verdict
    },
    onOther(other) {
      // Without locks, two workers may have found at the same time that nobody serves.
      if (!isIncumbent || hasLocks || other < parts.incarnation) return
      isIncumbent = false
      void reconsider()
    },
  })

  const updates = createUpdates({
    place,
    script,
    startBy: async (tab, next) => isIncumbent && engine?.canMove(tab, next),
  })

  const read = script.text.then((text) => {
    own = { ...own, text }
    return own
  })

  /** Serves all pages from now on, also those that this worker has served alone. `isGranted`: the turn was free. */
  function serve(inheritance?: Inheritance, isGranted = false) {
    clearTimeout(closing)
    clearTimeout(asking)
    waiting?.abort()
    hangs = false
    isIncumbent = true
    const alone = inheritance && engine
    const left = alone?.retire(place)
    const next = alone || !engine ? parts.start(inheritance, isGranted) : engine
    engine = next
    void left?.then(({ kept }) => next.inheritKept(kept))
    builds = readBuilds(read, next, inheritance?.builds)
    void builds.then((known) => {
      firstSeenAt = known.firstSeenAt()
    })
    peers.serves()
  }

  /** Closes this worker after `LINGER`, unless a page says hello. */
  function rest() {
    clearTimeout(closing)
    closing = setTimeout(parts.close, LINGER)
  }

  /** Waits for the lock. Resolves once this worker has it and serves. */
  async function waitForTurn(): Promise<undefined> {
    waiting?.abort()
    waiting = new AbortController()
    await turn.wait(waiting.signal)
    serve(undefined, true)
    return undefined
  }

  /** Resolves to the place of the worker that serves; to `undefined` if this one does, or should serve its own pages. */
  async function decide(isLoad: boolean): Promise<Place | undefined> {
    const taken = await turn.tryTake()
    hasLocks = taken !== undefined
    if (taken) {
      serve(undefined, true)
      return undefined
    }
    const free = waitForTurn()
    const candidate = { ...(await read), place, isLoad }
    const answer = hangs ? undefined : await Promise.race([free, peers.ask(candidate, taken === false)])
    if (isIncumbent) return undefined
    if (answer?.type === 'stay') {
      if (!engine) waiting?.abort()
      return answer.place
    }
    // The worker that handed over, or does not answer, still holds the lock.
    serve(answer?.inheritance)
    turn.steal()
    return undefined
  }

  /** Resolves to `undefined` if this worker has handed over to an earlier candidate. */
  async function judge(candidate: Candidate<Place>): Promise<Answer<Place> | undefined> {
    const { address } = candidate
    if (!isIncumbent || !engine || !builds) return undefined
    const known = await builds
    const verdict = known.judge(candidate, engine.hasOwnPages(), candidate.isLoad)
    if (verdict === 'same') return { type: 'stay', place }
    engine.rememberBuilds(known.history().seen)
    const kept = (why: KeptReason) => engine?.note({ what: 'kept-serving', address, why })
    if (verdict !== 'newer') {
      kept(verdict)
      return { type: 'stay', place }
    }
    if (!(await engine.canAllMove(candidate.place))) {
      kept('page-cannot-move')
      return { type: 'stay' }
    }
    const retired = engine.retire(candidate.place)
    engine = undefined
    isIncumbent = false
    // Until the candidate serves, no worker could answer this one. So a page that says hello meanwhile is sent to the candidate.
    const handingOver = retired.then(() => candidate.place)
    deciding = handingOver
    rest()
    const left = await retired
    if (deciding === handingOver) deciding = undefined
    updates.handedOver()
    return {
      type: 'handover',
      inheritance: { ...left, address: script.address, builds: known.history() },
    }
  }

  /** The decision under way. The first begins when this worker starts; while this worker does not serve, each hello begins another. */
  let deciding: Promise<Place | undefined> | undefined = decide(true)
  void deciding.then(() => isIncumbent || engine || rest())

  /** A call that comes while it is being decided gets the same decision. */
  async function decideOnce(isLoad: boolean): Promise<Place | undefined> {
    deciding ??= decide(isLoad)
    const current = deciding
    try {
      return await current
    } finally {
      if (deciding === current) deciding = undefined
    }
  }

  async function decided(moves: boolean, isLoad: boolean): Promise<E | Place> {
    clearTimeout(closing)
    const other = await decideOnce(isLoad)
    if (isIncumbent && engine) return engine
    if (other && moves) {
      if (!engine) rest()
      return other
    }
    clearTimeout(closing)
    if (!engine) {
      engine = parts.start()
      void waitForTurn()
      asking = setTimeout(reconsider, ALONE)
    }
    return engine
  }

  /** Asks again whether one worker can serve all pages. Does nothing unless this worker serves alone. */
  async function reconsider() {
    const alone = engine
    if (isIncumbent || !alone) return
    const other = await decideOnce(false)
    if (isIncumbent || engine !== alone) return
    if (!other || !(await alone.canAllMove(other))) {
      if (!isIncumbent && engine === alone) asking = setTimeout(reconsider, ALONE)
      return
    }
    if (isIncumbent || engine !== alone) return
    engine = undefined
    rest()
    await alone.retire(other)
  }

  return {
    engine: () => engine,
    find({ tab, moves = false, sent = false, hung = false }) {
      if (hung) {
        hangs = true
        peers.giveUp()
      }
      const isLoaded = moves && !sent
      // This worker serves alone: a page that was just loaded may be able to move to the worker of all others.
      if (!engine || (!isIncumbent && isLoaded)) {
        const found = decided(moves, isLoaded)
        // The browser may have started an earlier script from its cache.
        if (isLoaded) void found.then(() => isIncumbent && updates.look(tab))
        return found
      }
      if (!sent) void builds?.then((known) => known.loaded())
      if (isLoaded && isIncumbent) updates.look(tab)
      return engine
    },
    looked: updates.looked,
    place: () => (isIncumbent ? place : undefined),
    describe: () => ({
      ...own,
      ...(firstSeenAt !== undefined && { firstSeenAt }),
      alone: !isIncumbent,
    }),
  }
}
