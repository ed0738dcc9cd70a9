import { PartylineError } from '../../shared/errors'
import type { TokenAnswer } from '../../shared/token'

export interface TokenRequests {
  /** Joins a tab for a token. Its going away is an answer as well, and so is being asked again. */
  ask(tab: string): Promise<TokenAnswer>
  /** What a tab said. Answers that nobody waits for, or that another tab was asked for, are ignored. */
  answer(tab: string, call: number, answer: unknown): void
  gone(tab: string): void
}

/** The tabs that are asked for tokens: one question open per tab at a time. */
export function createTokenRequests(post: (tab: string, call: number) => void): TokenRequests {
  const open = new Map<
    string,
    { readonly call: number; readonly settle: (answer: Promise<unknown>) => void }
  >()
  let calls = 0

  function settle(tab: string, answer: Promise<unknown>) {
    const question = open.get(tab)
    open.delete(tab)
    question?.settle(answer)
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
