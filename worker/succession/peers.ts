import type { Place } from '../../shared/place'
import { either, number, object, optional, text } from '../checks'
import type { Build } from './builds'
import { type Inheritance, isInheritance } from './inheritance'

/** A worker that could serve, and a page that wants it to. */
export interface Candidate extends Build {
  readonly place: Place
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
  | (Answer & { readonly to: string })

/** The other workers of this user, which run another build or have another name. */
export interface Peers {
  /** Asks the worker that serves. Resolves to `undefined` if none answers within `patience`, in ms. */
  ask(candidate: Candidate, patience: number): Promise<Answer | undefined>
}

/** How long a worker may take to answer once it said `wait`, in ms. */
const LONGER = 5000

/** @param judge Called if this worker is asked. Resolves to `undefined` if this worker does not serve. */
export function createPeers(
  base: string,
  id: string,
  judge: (candidate: Candidate) => Promise<Answer> | undefined,
): Peers {
  const channel = new BroadcastChannel(`${base}/workers`)
  let answered: (answer: Answer | undefined) => void = () => {}
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
      void verdict.then((answer) => post({ ...answer, to }))
    } else if (data.to === id) {
      if (data.type === 'wait') wait(LONGER)
      else answered(data)
    }
  }

  return {
    ask: (candidate, patience) =>
      new Promise<Answer | undefined>((resolve) => {
        answered = resolve
        wait(patience)
        post({ type: 'candidate', from: id, candidate })
      }).finally(() => clearTimeout(timer)),
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
    candidate: object({ address: text(), text: optional(text()), place: isPlace }),
  }),
  object({ type: is('wait'), to: text() }),
  object({ type: is('stay'), to: text(), place: optional(isPlace) }),
  object({ type: is('handover'), to: text(), inheritance: isInheritance }),
)
