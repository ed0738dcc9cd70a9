import type { Did, Mark, ToTab, ToWorker } from '../../shared/wire'
import { callSafely } from '../emitter'
import type { Handled } from '../tab/handled'
import { readBatch } from './batch'
import type { Panels } from './panels'

export interface DutyParts {
  readonly panels: Pick<Panels, 'one'>
  readonly handled: Pick<Handled, 'add' | 'has' | 'marks' | 'hasChanged'>
  readonly post: (message: ToWorker) => void
}

/** What this tab does for all tabs: it handles events that no other tab gets, and it may lead. */
export interface Duty {
  one(message: Extract<ToTab, { readonly type: 'one' }>): void
  lead(message: Extract<ToTab, { readonly type: 'lead' }>): void
  /** Adds a listener for whether this tab leads. Returns an unsubscriber, which may be called twice. */
  watch(listener: (leads: boolean) => void): () => void
  /** The page has no worker, or leaves the one it has: another tab may get what this one has not handled, and may lead. */
  rest(): void
  /** A worker serves this page. */
  begin(): void
}

export function createDuty({ panels, handled, post }: DutyParts): Duty {
  const listeners = new Set<(leads: boolean) => void>()
  let isResting = true
  /** Whether this worker has given the page an event before. */
  let hasBeenAsked = false
  /** Absent until a worker has told it. */
  let leads: boolean | undefined
  /** The number of the last `lead` call. Answers to earlier ones are ignored. */
  let call = 0

  function setLeads(next: boolean) {
    if (leads === next) return
    leads = next
    for (const listener of listeners) callSafely(listener, next)
  }

  function ask() {
    call += 1
    post({ type: 'lead', call })
  }

  return {
    one({ panel, call: offer, until, mayRepeat, events }) {
      if (isResting) return
      const answer = (did: Did) => post({ type: 'one', call: offer, did })
      // A tab that crashed with the last worker may have handled it, and storage may have told this page after its hello.
      const hasChanged = !hasBeenAsked && handled.hasChanged()
      hasBeenAsked = true
      if (hasChanged) return post({ type: 'one', call: offer, did: 'declined', handled: handled.marks() })
      const [event] = readBatch(events)
      // A page that was frozen or blocked gets it late, and the worker may have given it to another tab.
      if (!event || Date.now() > until) return answer('declined')
      answer('begun')
      const [id, room, , at] = event
      const mark: Mark = [panel, room, id, at]
      let did: Did = 'handled'
      try {
        // The tab that had it from a worker that died may have handled it after the other tabs came to the next worker.
        if (handled.has(mark, mayRepeat) || panels.one(panel, event)) handled.add(mark)
        else did = 'declined'
      } finally {
        // Without an answer, the panel's next event would never come.
        answer(did)
      }
    },
    lead(message) {
      if (message.call !== call || listeners.size === 0 || isResting) return
      const hasLed = leads
      setLeads(message.leads)
      if (hasLed && !message.leads) post({ type: 'resigned' })
    },
    watch(listener) {
      let told: boolean | undefined
      const tell = (now: boolean) => {
        if (now === told || !listeners.has(tell)) return
        told = now
        listener(now)
      }
      listeners.add(tell)
      if (listeners.size === 1 && !isResting) ask()
      queueMicrotask(() => {
        if (leads !== undefined) callSafely(tell, leads)
      })
      return () => {
        if (!listeners.delete(tell) || listeners.size > 0) return
        leads = undefined
        if (!isResting) post({ type: 'lead', call: 0 })
      }
    },
    rest() {
      isResting = true
      if (leads) setLeads(false)
    },
    begin() {
      isResting = false
      hasBeenAsked = false
      if (listeners.size > 0) ask()
    },
  }
}
