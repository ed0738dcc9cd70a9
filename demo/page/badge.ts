import type { State, Status } from 'partyline'
import { element, write } from './dom.ts'
import type { Source } from './source.ts'
import { clock } from './words.ts'

const WORDS: Record<State, string> = {
  connecting: 'Connecting',
  online: 'Live',
  offline: 'Offline',
  unauthorized: 'Not authorized',
  paused: 'Hung up',
  closed: 'Closed',
}

function detailOf({ state, nextTryAt, attempt, rtt, recovered, since, shared, persistent }: Status): string {
  if (nextTryAt !== undefined)
    return `next try in ${Math.max(0, Math.ceil((nextTryAt - Date.now()) / 1000))} s`
  if (state === 'offline' || state === 'connecting') return attempt > 1 ? `attempt ${attempt}` : 'trying now'
  if (state !== 'online') return state === 'paused' ? 'until you connect' : ''
  if (!shared) return 'not shared'
  if (!persistent) return 'kept in memory'
  const parts = [
    rtt === undefined ? undefined : `${rtt} ms`,
    recovered ? 'session recovered' : `since ${clock(since)}`,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

/** The connection in a word, with a countdown to the next try. It never changes its size. */
export function createBadge(source: Source): HTMLElement {
  const word = element('b', { role: 'status' })
  const detail = element('span')
  const root = element(
    'div',
    { class: 'badge', id: 'badge' },
    element('i', { 'aria-hidden': 'true' }),
    word,
    detail,
  )
  const render = () => {
    root.dataset['state'] = source.status.state
    write(word, WORDS[source.status.state])
    write(detail, detailOf(source.status))
  }
  source.on('status', render)
  render()
  setInterval(render, 250)
  return root
}
