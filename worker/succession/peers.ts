import { either, exactly, isBoolean, number, object, optional, type Shape, text } from '../checks'
import type { Build } from './builds'
import { type Inheritance, isInheritance } from './inheritance'

/** A worker that could serve. `P` is what other workers, or their pages, find it by. */
export interface Candidate<P> extends Build {
  readonly place: P
  /** Whether a page of its build was loaded, and has not been counted yet. */
  readonly isLoad: boolean
  /** Whether it should serve because its page is in front. */
  readonly isInFront?: boolean
}

export type Answer<P> =
  /** The candidate serves from now on. `at`: the wall clock, in ms, where the answer is valid for a while only. */
  | { readonly type: 'handover'; readonly inheritance: Inheritance; readonly at?: number }
  /** Pages should go to that place; without one, the candidate serves its own pages alone. */
  | { readonly type: 'stay'; readonly place?: P }

type Message<P> =
  | { readonly type: 'candidate'; readonly from: string; readonly candidate: Candidate<P> }
  /** The answer takes longer, because pages have to be asked. */
  | { readonly type: 'wait'; readonly to: string }
  /** This worker does not serve any more. Who waits for its answer asks again. */
  | { readonly type: 'changed' }
  /** This worker serves from now on. Who waits for an answer asks again. */
  | { readonly type: 'serves'; readonly from: string }
  | (Answer<P> & { readonly to: string })

/** The other workers of this user: shared ones that run another build or have another name, or the dedicated ones of other tabs. */
export interface Peers<P> {
  /** Asks the worker that serves. Resolves to `undefined` if none answers. `isThere`: one is known to exist. */
  ask(candidate: Candidate<P>, isThere: boolean): Promise<Answer<P> | undefined>
  /** The worker that serves hangs: whoever waits for its answer gets none. */
  giveUp(): void
  /** This worker serves from now on. */
  serves(): void
}

/** How long a worker may take to answer, in ms, if one is known to exist, and if not. */
const PATIENCE = 2000
const SHORT_PATIENCE = 100
/** How long it may take once it said `wait`. */
const LONGER = 5000

export interface PeersParts<P> {
  /** The name of the channel on which the workers talk. */
  readonly channel: string
  readonly id: string
  readonly isPlace: Shape
  /** Called if this worker is asked. Returns `undefined` if it does not serve, and resolves to it if it has just handed over. */
  readonly judge: (candidate: Candidate<P>) => Promise<Answer<P> | undefined> | undefined
  /** Another worker serves from now on. */
  readonly onOther: (id: string) => void
}

export function createPeers<P>({ id, judge, onOther, ...parts }: PeersParts<P>): Peers<P> {
  const channel = new BroadcastChannel(parts.channel)
  const isMessage = messageWith(parts.isPlace)
  let answered: (answer: Answer<P> | undefined) => void = () => {}
  /** Asks again; set while this worker waits for an answer. */
  let askAgain: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const post = (message: Message<P>) => channel.postMessage(message)

  function wait(patience: number) {
    clearTimeout(timer)
    timer = setTimeout(answered, patience, undefined)
  }

  channel.onmessage = ({ data }: MessageEvent<Message<P>>) => {
    if (!isMessage(data)) return
    if (data.type === 'candidate') {
      const verdict = data.from !== id && judge(data.candidate)
      if (!verdict) return
      const to = data.from
      post({ type: 'wait', to })
      void verdict.then((answer) => post(answer ? { ...answer, to } : { type: 'changed' }))
    } else if (data.type === 'changed') {
      askAgain?.()
    } else if (data.type === 'serves') {
      askAgain?.()
      onOther(data.from)
    } else if (data.to === id) {
      if (data.type === 'wait') wait(LONGER)
      else answered(data)
    }
  }

  return {
    ask: (candidate, isThere) =>
      new Promise<Answer<P> | undefined>((resolve) => {
        answered = resolve
        const question = (isLoad: boolean) => {
          wait(isThere ? PATIENCE : SHORT_PATIENCE)
          post({ type: 'candidate', from: id, candidate: { ...candidate, isLoad } })
        }
        askAgain = () => question(false)
        question(candidate.isLoad)
      }).finally(() => {
        clearTimeout(timer)
        askAgain = undefined
      }),
    giveUp: () => answered(undefined),
    serves: () => post({ type: 'serves', from: id }),
  }
}

/** The shape of a message. Any script of this origin may post one. */
const messageWith = (isPlace: Shape) =>
  either(
    object({
      type: exactly('candidate'),
      from: text(),
      candidate: object({
        address: text(),
        text: optional(text()),
        place: isPlace,
        isLoad: isBoolean,
        isInFront: optional(isBoolean),
      }),
    }),
    object({ type: exactly('wait'), to: text() }),
    object({ type: exactly('changed') }),
    object({ type: exactly('serves'), from: text() }),
    object({ type: exactly('stay'), to: text(), place: optional(isPlace) }),
    object({ type: exactly('handover'), to: text(), inheritance: isInheritance, at: optional(number()) }),
  )
