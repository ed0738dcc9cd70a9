import { connect, reloader } from 'partyline'
import type { Census } from '../server/dashboard.ts'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { badge } from './badge.ts'
import { byId, clock, element } from './dom.ts'
import { faults } from './faults.ts'
import { PANELS, type PanelName, show } from './view.ts'

const LOG = 8

const line = connect<Dashboard>(
  (options) =>
    new SharedWorker(new URL('../worker/dashboard.worker.ts', import.meta.url), {
      ...options,
      type: 'module',
    }),
)

function note(text: string) {
  const log = byId('log')
  log.prepend(element('li', {}, element('time', {}, clock(Date.now())), ` ${text}`))
  while (log.children.length > LOG) log.lastElementChild?.remove()
}

// ── Panels: the address names the one that is shown ──────────────────────────────────────────────────────────

let stop = () => {}

function named(hash: string): PanelName {
  return PANELS.find((name) => `#${name}` === hash) ?? 'overview'
}

function navigate() {
  const name = named(location.hash)
  stop()
  stop = show(line, name, byId('panel'))
  for (const link of byId('nav').querySelectorAll('a')) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

byId('nav').append(...PANELS.map((name) => element('a', { href: `#${name}` }, name)))
addEventListener('hashchange', navigate)
navigate()

// ── The connection ───────────────────────────────────────────────────────────────────────────────────────────

badge(line, byId('badge'))
faults(line, byId('faults'))
let state = line.status.state
line.on('status', (status) => {
  if (status.state !== state) note(status.error ? `${status.state}: ${status.error.message}` : status.state)
  state = status.state
})
line.on('gap', ({ rooms }) => note(`gap in ${rooms.join(', ')}`))
line.on('denied', ({ room, reason }) => note(`denied ${room}: ${reason}`))
line.on('error', ({ message }) => note(message))
line.on('reload', ({ reason, version }) => note(`reload ordered: ${reason} ${version ?? ''}`))
line.on('reload', reloader({ spread: 3000 }))
void line.restored.then((panels) => {
  if (panels.length > 0) note(`back with ${panels.join(', ')}`)
})

// ── The server's own count ───────────────────────────────────────────────────────────────────────────────────

async function count() {
  const response = await fetch('/api/census').catch(() => undefined)
  if (!response?.ok) return
  const { sockets, handshakes, joins, events, rooms }: Census = await response.json()
  const rows: [string, string][] = [
    ['Sockets', String(sockets)],
    ['Handshakes', String(handshakes)],
    ['Joins', String(joins)],
    ['Events sent', String(events)],
    ['Rooms', rooms.map((each) => each.join(', ')).join(' | ') || '–'],
  ]
  byId('census').replaceChildren(
    ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  )
}
void count()
setInterval(count, 1000)
