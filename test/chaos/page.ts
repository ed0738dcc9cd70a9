import type { Line } from 'partyline'
import type { TabWindow } from '../support/tab'
import { ALARMS, LOOK, MANNERS, MARK, type Mark, type NewNote, NOTE, type Note } from './marks'

/**
 * What each page of a chaos run does by itself: it sends messages, keeps others, and handles alarms as one tab of many. It
 * notes what happens in `localStorage`, which keeps what a page wrote right before it crashed.
 */

/** How often the page sends a message, and keeps one, in ms. */
const SENDS = 200
const KEEPS = 350
/** The timeouts of the messages, in turn. */
const TIMEOUTS = [300, 1000, 3000]
/** How much longer than its timeout a message may take, in ms. */
const MARGIN = 1000
const TICK = 100
/** How long a worker may take to say whether it serves, in ms. */
const SERVES_WITHIN = 300

const { tab, worker } = window as unknown as { readonly tab: TabWindow; readonly worker: Worker }
const line = tab.line as unknown as Line

/** The names of this tab and this page. A duplicated tab has a copy of the session storage, and is another tab. */
const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
if (navigation?.type === 'navigate') sessionStorage.removeItem('chaos')
const [name = '', pages = 0]: [string?, number?] = JSON.parse(sessionStorage.getItem('chaos') ?? '[]')
const self = name || Math.random().toString(36).slice(2, 8)
sessionStorage.setItem('chaos', JSON.stringify([self, pages + 1]))
const page = `${self}-${pages + 1}`

let notes = 0
function note(what: NewNote) {
  notes += 1
  const at = Math.round(performance.timeOrigin + performance.now())
  const entry = { page, tab: self, at, place: notes, ...what } as Note
  localStorage.setItem(`${NOTE} ${page} ${notes}`, JSON.stringify(entry))
}

/** For how many ms this page has run: neither blocked, nor in the back/forward cache. */
let running = 0
/** The messages whose promises are open: when each is overdue, by `running`. */
const open = new Map<string, number>()
let tickedAt = performance.now()
setInterval(() => {
  const now = performance.now()
  running += Math.min(now - tickedAt, 2 * TICK)
  tickedAt = now
  for (const [id, limit] of open) {
    if (running < limit) continue
    open.delete(id)
    note({ what: 'overdue', id })
  }
}, TICK)

let count = 0
const nextManner = () => MANNERS[Math.floor(count / 3) % 9] ?? 'answer'
async function send(
  id: string,
  isKept: boolean,
  timeout: number,
  signal?: AbortSignal,
  manner = nextManner(),
) {
  const mark: Mark = { id, isKept, manner }
  open.set(id, running + timeout + MARGIN)
  note({ what: isKept ? 'keeping' : 'sent', id })
  try {
    const answer = isKept
      ? await line.send(MARK, mark, { timeout, keep: id })
      : await line.send(MARK, mark, { timeout, ...(signal && { signal }) })
    note(isKept ? { what: 'kept', id } : { what: 'settled', id, answer })
  } catch (error) {
    const { reason = 'none', message } = error as { reason?: string; message: string }
    note({ what: 'settled', id, reason, message })
  }
  open.delete(id)
}

function sendNext(isKept: boolean) {
  if (line.status.state === 'closed') return
  count += 1
  const timeout = TIMEOUTS[count % TIMEOUTS.length] as number
  const signal = !isKept && count % 11 === 0 ? AbortSignal.timeout(50) : undefined
  void send(`${page}.${count}`, isKept, timeout, signal)
}

line.on('kept', ({ id, outcome }) => note({ what: 'outcome', id, outcome }))
line.on('gap', ({ rooms, from, to }) => {
  if (rooms.includes(ALARMS)) note({ what: 'gap', from, to })
})
let leads = false
line.on('lead', (is) => {
  leads = is
  note({ what: 'lead', leads })
})
/** The last alarm that this page has handled. */
let alarm = 0
line.subscribe(
  ALARMS,
  ({ data, at }) => {
    const { n } = data as { n?: number }
    // Volatile events have no number.
    if (n === undefined) return
    alarm = n
    note({ what: 'handled', n, received: at })
  },
  { tab: 'one' },
)
tab.restore([ALARMS])

let isAlone = false
async function look() {
  const { build } = await line.inspect()
  if (isAlone === (build?.alone ?? false)) return
  isAlone = !isAlone
  note({ what: 'alone', isAlone })
}
setInterval(() => void look().catch(() => {}), LOOK)

const timers = [setInterval(sendNext, SENDS, false), setInterval(sendNext, KEEPS, true)]

export const traffic = {
  /** Sends and keeps messages at once. */
  burst(times: number) {
    for (let n = 0; n < times; n += 1) sendNext(n % 4 === 0)
  },
  /** Keeps a message that another tab keeps, too. It is the same message, so the server is to do the same with it. */
  keep: (id: string) => void send(id, true, 1000, undefined, 'answer'),
  async withdraw() {
    const [first] = await line.unsent()
    await first?.withdraw()
  },
  show(isVisible: boolean) {
    Object.defineProperty(document, 'visibilityState', {
      value: isVisible ? 'visible' : 'hidden',
      configurable: true,
    })
    document.dispatchEvent(new Event('visibilitychange'))
    if (isVisible) window.dispatchEvent(new Event('focus'))
  },
  /** Sends nothing more. */
  stop: () => timers.forEach(clearInterval),
  /** The messages whose promises have not settled. */
  open: () => [...open.keys()],
  /** Whether the page's dedicated worker has the connection of all tabs. One that hangs does not say so. */
  serves: () =>
    new Promise<boolean>((answer) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => answer(data.serves)
      setTimeout(answer, SERVES_WITHIN, false)
      worker.postMessage('serves', [port2])
    }),
  leads: () => leads,
  alarm: () => alarm,
}
export type Traffic = typeof traffic
Object.assign(window, { traffic })
