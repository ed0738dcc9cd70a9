import { serve } from 'partyline/worker/action-cable'
import { readCoverage } from './counters'

/** The worker file of the tests' dashboard on an Action Cable server. It reads its options from its own address. */

interface WorkerSettings {
  readonly url?: string
  readonly tokenUrl?: string
  /** Every room is a parameter of one channel. */
  readonly oneChannel?: boolean
}

const query = new URL(location.href).searchParams
const settings: WorkerSettings = JSON.parse(query.get('options') ?? '{}')
const { url = '', tokenUrl, oneChannel, ...options } = settings

// Only the worker can read its coverage. Pages find it by its lock, and request the coverage.
const coverage = `coverage ${query.get('test')}`
new BroadcastChannel(coverage).onmessage = ({ target, data }) => {
  if (Array.isArray(data)) (target as BroadcastChannel).postMessage(readCoverage(data))
}
void navigator.locks?.request(coverage, { mode: 'shared' }, () => new Promise(() => {}))

const orders = new BroadcastChannel(`worker ${query.get('test')}`)
for (const level of ['warn', 'error'] as const) {
  const say = console[level]
  console[level] = (...words: unknown[]) => {
    orders.postMessage({ consoleMessage: words.map(String).join(' ') })
    say(...words)
  }
}
orders.onmessage = ({ data }) => {
  if (data === 'die') close()
}

serve({
  panels: {
    overview: ['StatsChannel', 'ActivityChannel'],
    errors: ['ErrorsChannel', 'StatsChannel'],
    vault: ['SecretChannel', 'StatsChannel'],
    tmux: ['TmuxChannel'],
    chats: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'].map((id) => `ChatChannel:{"id":${id}}`),
    one: (room: string) => [room],
  },
  ...options,
  url: `${url}/cable`,
  ...(oneChannel && { identifier: (room: string) => ({ channel: 'RoomChannel', room }) }),
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
})
