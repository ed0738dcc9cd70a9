import { serve } from 'partyline/worker/action-cable'
import { roomIn, takeOrders } from './orders'

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

takeOrders()

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
  sends: {},
  sendTo: roomIn,
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
})
