import { PartylineError } from '../../shared/errors'
import type { TokenAnswer } from '../../shared/token'

export interface TokenRequests {
  /** Asks a tab for a token. Rejects when the tab goes away, or is asked again. */
  ask(tab: string): Promise<TokenAnswer>
  /** A tab answered. An answer to no open request of this tab is ignored. */
  answer(tab: string, call: number, answer: unknown): void
  gone(tab: string): void
}

/** The requests for tokens that tabs have to answer: one open request per tab. */
export function createTokenRequests(post: (tab: string, call: number) => void): TokenRequests {
  const open = new Map<
    string,
    { readonly call: number; readonly settle: (answer: Promise<unknown>) => void }
  >()
  let calls = 0

  function settle(tab: string, answer: Promise<unknown>) {
    const request = open.get(tab)
    open.delete(tab)
    request?.settle(answer)
  }

  function gone(tab: string) {
    if (!open.has(tab)) return
    settle(
      tab,
      Promise.reject(new PartylineError('token-failed', 'The tab that was asked for a token is gone.')),
    )
  }

  return {
    ask(tab) {
      gone(tab)
      calls += 1
      const call = calls
      return new Promise((resolve) => {
        open.set(tab, { call, settle: (answer) => resolve(answer as Promise<TokenAnswer>) })
        post(tab, call)
      })
    },
    answer(tab, call, answer) {
      if (open.get(tab)?.call === call) settle(tab, Promise.resolve(answer))
    },
    gone,
  }
}
