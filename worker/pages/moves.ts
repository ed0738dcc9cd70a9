import type { Place } from '../../shared/place'
import type { Hello } from '../../shared/switchboard'
import type { ToTab } from '../../shared/wire'

/** Asks pages whether they can open another worker. */
export interface Moves {
  arrive(tab: string, page: Pick<Hello, 'moves' | 'sent'>): void
  /** The tab's page is gone. */
  leave(tab: string): void
  /** A page has answered. An answer to no open question of this tab is ignored. */
  probed(tab: string, call: number, opens: boolean): void
  /** Whether a page is here whose own factory starts this worker. */
  hasOwnPages(): boolean
  /** Asks a page whether it can open that worker. One that does not answer in time may be frozen, and counts as able to. */
  canMove(tab: string, place: Place): Promise<boolean>
  /** Asks all pages. */
  canAllMove(place: Place): Promise<boolean>
}

/** How long a page may take to answer, in ms. */
const PATIENCE = 500

export function createMoves(post: (tab: string, message: ToTab) => void): Moves {
  const pages = new Map<string, Pick<Hello, 'moves' | 'sent'>>()
  const questions = new Map<string, (opens: boolean) => void>()
  let calls = 0

  const keyOf = (tab: string, call: number) => `${call} ${tab}`

  async function canMove(tab: string, place: Place): Promise<boolean> {
    if (!pages.get(tab)?.moves) return false
    calls += 1
    const call = calls
    const key = keyOf(tab, call)
    const opens = await new Promise<boolean>((resolve) => {
      questions.set(key, resolve)
      setTimeout(resolve, PATIENCE, true)
      post(tab, { type: 'probe', call, place })
    })
    questions.delete(key)
    return opens
  }

  return {
    arrive: (tab, page) => void pages.set(tab, page),
    leave: (tab) => void pages.delete(tab),
    probed: (tab, call, opens) => questions.get(keyOf(tab, call))?.(opens),
    hasOwnPages: () => [...pages.values()].some(({ sent }) => !sent),
    canMove,
    async canAllMove(place) {
      const answers = await Promise.all([...pages.keys()].map((tab) => canMove(tab, place)))
      // Pages may have come meanwhile.
      return answers.every(Boolean) && [...pages.values()].every(({ moves }) => moves)
    },
  }
}
