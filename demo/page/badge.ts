import type { State, Status } from 'partyline'
import { element, setText } from './dom.ts'
import { formatTime } from './format.ts'
import type { Source } from './source.ts'

const STATES: Record<State, string> = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  unauthorized: 'Not authorized',
  paused: 'Paused',
  closed: 'Closed',
}

function detailOf(status: Status): string {
  const { unsent } = status
  return unsent === undefined ? stateDetail(status) : `${unsent} unsent · ${stateDetail(status, 'retry')}`
}

function stateDetail(
  { state, nextTryAt, attempt, rtt, recovered, since, shared, persistent }: Status,
  retry = 'next retry',
): string {
  if (nextTryAt !== undefined)
    return `${retry} in ${Math.max(0, Math.ceil((nextTryAt - Date.now()) / 1000))} s`
  if (state === 'offline' || state === 'connecting')
    return attempt > 1 ? `attempt ${attempt}` : 'connecting now'
  if (state !== 'online') return state === 'paused' ? 'until you press Connect' : ''
  if (!shared) return 'not shared'
  if (!persistent) return 'rooms in memory only'
  const parts = [
    rtt === undefined ? undefined : `${rtt} ms`,
    recovered ? 'session recovered' : `since ${formatTime(since)}`,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

/** The state of the connection, with a countdown to the next retry. Its size is fixed. */
export function createBadge(source: Source): HTMLElement {
  const label = element('b', { role: 'status' })
  const detail = element('span')
  const root = element(
    'div',
    { class: 'badge', id: 'badge' },
    element('i', { 'aria-hidden': 'true' }),
    label,
    detail,
  )
  const render = () => {
    root.dataset['state'] = source.status.state
    setText(label, STATES[source.status.state])
    setText(detail, detailOf(source.status))
  }
  source.on('status', render)
  render()
  setInterval(render, 250)
  return root
}
