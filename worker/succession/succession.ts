import type { Place } from '../../shared/place'
import type { Happening, KeptReason, Snapshot } from '../../shared/snapshot'
import type { Hello } from '../../shared/switchboard'
import type { SeenBuilds } from '../persistence/records'
import { type Builds, createBuilds } from './builds'
import type { Inheritance } from './inheritance'
import { type Answer, type Candidate, createPeers } from './peers'
import type { Script } from './script'
import { createTurn } from './turn'

/** What serves the pages, as far as it is needed to hand over to another worker. */
export interface Incumbent {
  /** Whether a page is here whose own factory starts this worker. */
  hasOwnPages(): boolean
  /** Asks a page whether it can open that worker. */
  canMove(tab: string, place: Place): Promise<boolean>
  /** Asks all pages. One that does not answer in time counts as able to, because it may be frozen. */
  canAllMove(place: Place): Promise<boolean>
  /** Sends all pages to that worker, ends the connection so that its session can be continued, and does nothing from then on. */
  retire(place: Place): Promise<Omit<Inheritance, 'address' | 'builds'>>
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
  /** @param isAlone Another worker serves the other pages. */
  readonly start: (inheritance: Inheritance | undefined, isAlone: boolean) => E
  /** Ends this worker. */
  readonly close: () => void
}

/** Decides which worker of a user serves: the one of the newest build. */
export interface Succession<E extends Incumbent> {
  /** The engine, while this worker serves. */
  engine(): E | undefined
  /** What serves a page that says hello: this worker's engine, or the worker at that place. */
  host(hello: Pick<Hello, 'tab' | 'moves' | 'sent'>): E | Promise<E | Place>
  /** Resolves once it is known whether pages that were just loaded brought another script. If so, their worker serves by then. */
  looked(): Promise<void>
  /** Where pages find this worker, if it serves all of them. */
  place(): Place | undefined
  describe(): NonNullable<Snapshot['build']>
}

/** How long the worker that serves may take to answer, in ms: with locks it is known to exist, without them it may not. */
const PATIENCE = 1000
const PATIENCE_WITHOUT_LOCKS = 100
/** How long a worker that does not serve any more shows the way to pages that come late, in ms. */
const LINGER = 10_000
/** How long the worker of a new script may take to ask for its turn, in ms. */
const TURN = 1000

export function createSuccession<E extends Incumbent>(parts: SuccessionParts<E>): Succession<E> {
  const { base, place, script, locks } = parts
  let engine: E | undefined
  /** Whether this is the worker that serves all pages of the user. A worker may serve its own pages beside it. */
  let isIncumbent = false
  /** The worker that this one has handed over to. */
  let successor: Place | undefined
  let closing: ReturnType<typeof setTimeout> | undefined
  let text: string | undefined
  let builds: Promise<Builds> | undefined
  let firstSeenAt: number | undefined
  let looking: Promise<void> | undefined
  let onRetired = () => {}
  /** The candidates wait for each other. */
  let judged: Promise<unknown> = Promise.resolve()

  const turn = createTurn(locks, `${base}/serving`, () => {
    if (isIncumbent) parts.close()
  })
  const peers = createPeers(base, parts.incarnation, (candidate) => {
    if (!isIncumbent) return undefined
    const verdict = judged.then(() => judge(candidate))
    judged = verdict
    return verdict
  })

  void script.text.then((known) => {
    text = known
  })

  function serve(inheritance?: Inheritance) {
    clearTimeout(closing)
    isIncumbent = true
    engine = parts.start(inheritance, false)
    builds = learnBuilds(engine, inheritance)
  }

  async function learnBuilds(incumbent: E, inheritance: Inheritance | undefined): Promise<Builds> {
    const own = { address: script.address, text: await script.text }
    const known = createBuilds(own, inheritance?.builds)
    known.learn(await incumbent.seenBuilds())
    firstSeenAt = known.firstSeenAt()
    incumbent.rememberBuilds(known.history().seen)
    return known
  }

  /** Ends this worker in a while, if no page comes. */
  function rest() {
    clearTimeout(closing)
    closing = setTimeout(parts.close, LINGER)
  }

  /** Resolves to the place of the worker that serves; to `undefined` if this one does, or should serve its own pages. */
  async function decide(): Promise<Place | undefined> {
    const isTaken = await turn.tryTake()
    if (isTaken) {
      serve()
      return undefined
    }
    const waiting = new AbortController()
    const free = turn.wait(waiting.signal).then(() => 'free' as const)
    const candidate = { address: script.address, text: await script.text, place }
    const answer = await Promise.race([
      free,
      peers.ask(candidate, isTaken === undefined ? PATIENCE_WITHOUT_LOCKS : PATIENCE),
    ])
    if (answer === 'free') {
      serve()
      return undefined
    }
    waiting.abort()
    if (answer?.type === 'stay') return answer.place
    // A worker that hands over, or does not answer, still has the turn.
    serve(answer?.inheritance)
    void turn.steal()
    return undefined
  }

  async function judge(candidate: Candidate): Promise<Answer> {
    const { address } = candidate
    if (!isIncumbent || !engine || !builds) return { type: 'stay', ...(successor && { place: successor }) }
    const known = await builds
    const verdict = known.judge(candidate, engine.hasOwnPages())
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
    const retiring = engine
    engine = undefined
    isIncumbent = false
    successor = candidate.place
    deciding = undefined
    rest()
    const left = await retiring.retire(candidate.place)
    onRetired()
    return {
      type: 'handover',
      inheritance: { ...left, address: script.address, builds: known.history() },
    }
  }

  /** A page was loaded: if the script has changed at its address, the page starts the new one. */
  async function look(tab: string) {
    if (!(await script.hasChanged())) return
    // A name that no worker ever had: one that failed may still have the last.
    const generation = Math.max(place.generation + 1, Date.now())
    const isStarted = await engine?.canMove(tab, { ...place, generation })
    // The new worker asks this one for its turn.
    if (isStarted && engine)
      await new Promise<void>((resolve) => {
        onRetired = resolve
        setTimeout(resolve, TURN)
      })
  }

  /** The decision about the first page is made before it says hello; about each later one, as long as this worker does not serve, anew. */
  let deciding: Promise<Place | undefined> | undefined = decide()
  void deciding.then((other) => other && rest())

  async function decided(moves: boolean): Promise<E | Place> {
    deciding ??= decide()
    const current = deciding
    const other = await current
    if (deciding === current) deciding = undefined
    if (engine) return engine
    if (other && moves) {
      rest()
      return other
    }
    clearTimeout(closing)
    const alone = parts.start(undefined, true)
    engine = alone
    // Once the other worker has ended, this one serves all.
    void turn.wait(new AbortController().signal).then(() => {
      isIncumbent = true
      builds = learnBuilds(alone, undefined)
    })
    return alone
  }

  return {
    engine: () => engine,
    host({ tab, moves = false, sent = false }) {
      if (!engine) return decided(moves)
      if (!sent) void builds?.then((known) => known.loaded())
      if (isIncumbent && moves)
        looking ??= look(tab).finally(() => {
          looking = undefined
        })
      return engine
    },
    looked: async () => looking,
    place: () => (isIncumbent ? place : undefined),
    describe: () => ({
      address: script.address,
      ...(text !== undefined && { text }),
      ...(firstSeenAt !== undefined && { firstSeenAt }),
      alone: !isIncumbent,
    }),
  }
}
