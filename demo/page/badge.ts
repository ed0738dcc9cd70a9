import type { Line, State } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'

const WORDS: Record<State, string> = {
  connecting: 'connecting',
  online: 'live',
  offline: 'offline',
  unauthorized: 'not authorized',
  paused: 'hung up',
  closed: 'closed',
}

/** The connection in one word, with the time to the next try. */
export function badge(line: Line<Dashboard>, into: HTMLElement): void {
  const [, word, detail] = into.children as unknown as [Element, Element, Element]
  const render = () => {
    const { state, nextTryAt, attempt, recovered, shared } = line.status
    into.dataset['state'] = state
    word.textContent = WORDS[state]
    const wait = nextTryAt === undefined ? undefined : Math.max(0, Math.ceil((nextTryAt - Date.now()) / 1000))
    const parts = [
      wait === undefined ? undefined : `next try in ${wait} s`,
      attempt > 0 ? `attempt ${attempt}` : undefined,
      state === 'online' && recovered ? 'session recovered' : undefined,
      shared ? undefined : 'not shared',
    ]
    detail.textContent = parts.filter((part) => part !== undefined).join(' · ')
  }
  line.on('status', render)
  render()
  setInterval(render, 250)
}
