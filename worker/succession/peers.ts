import type { Place } from '../../shared/place'
import { either, isBoolean, number, object, optional, text } from '../checks'
import type { Build } from './builds'
import { type Inheritance, isInheritance } from './inheritance'

/** A worker that could serve, and a page that wants it to. */
export interface Candidate extends Build {
  readonly place: Place
  /** Whether a page of its build was loaded, and has not been counted yet. */
  readonly isLoad: boolean
}

export type Answer =
  /** The candidate serves from now on. */
  | { readonly type: 'handover'; readonly inheritance: Inheritance }
  /** Pages should go to that place; without one, the candidate serves its own pages alone. */
  | { readonly type: 'stay'; readonly place?: Place }

type Message =
  | { readonly type: 'candidate'; readonly from: string; readonly candidate: Candidate }
  /** The answer takes longer, because pages have to be asked. */
  | { readonly type: 'wait'; readonly to: string }
  /** This worker does not serve any more. Who waits for its answer asks again. */
  | { readonly type: 'changed' }
  /** This worker serves from now on. Who waits for an answer asks again. */
  | { readonly type: 'serves'; readonly from: string }
  | (Answer & { readonly to: string })

/** The other workers of this user, which run another build or have another name. */
export interface Peers {
  /** Asks the worker that serves. Resolves to `undefined` if none answers. `isThere`: one is known to exist. */
  ask(candidate: Candidate, isThere: boolean): Promise<Answer | undefined>
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

/**
 * @param judge Called if this worker is asked. Returns `undefined` if it does not serve, and resolves to it if it has just handed over.
 * @param onOther Another worker serves from now on.
 */
export function createPeers(
  base: string,
  id: string,
  judge: (candidate: Candidate) => Promise<Answer | undefined> | undefined,
  onOther: (id: string) => void,
): Peers {
  const channel = new BroadcastChannel(`${base}/workers`)
  let answered: (answer: Answer | undefined) => void = () => {}
  /** Asks again; set while this worker waits for an answer. */
  let askAgain: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const post = (message: Message) => channel.postMessage(message)

  function wait(patience: number) {
    clearTimeout(timer)
    timer = setTimeout(answered, patience, undefined)
  }

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
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
      new Promise<Answer | undefined>((resolve) => {
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

const is = (type: string) => (value: unknown) => value === type

const isPlace = object({
  address: text(),
  generation: number(0),
  type: either(is('module'), is('classic')),
})

/** Any script of this origin may post here. */
const isMessage = either(
  object({
    type: is('candidate'),
    from: text(),
    candidate: object({ address: text(), text: optional(text()), place: isPlace, isLoad: isBoolean }),
  }),
  object({ type: is('wait'), to: text() }),
  object({ type: is('changed') }),
  object({ type: is('serves'), from: text() }),
  object({ type: is('stay'), to: text(), place: optional(isPlace) }),
  object({ type: is('handover'), to: text(), inheritance: isInheritance }),
)
