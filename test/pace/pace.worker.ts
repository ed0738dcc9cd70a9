import { serve as serveSocketIo } from 'partyline/worker'
import { serve as serveActionCable } from 'partyline/worker/action-cable'
import { serve as serveStreams } from 'partyline/worker/sse'
import { serve as serveWebSocket } from 'partyline/worker/websocket'
import { readSettings } from './settings'

/** The worker file of the runs: it talks to a server of one kind. */

const { link, server } = readSettings()
const panels = { all: ['errors', 'stats'] }

if (link === 'socket-io') serveSocketIo({ panels, url: server })
if (link === 'websocket') serveWebSocket({ panels, url: `${server}/ws` })
if (link === 'endpoints')
  serveWebSocket({ panels, endpoint: (room: string) => `${server}/room/${encodeURIComponent(room)}` })
if (link === 'action-cable')
  serveActionCable({
    panels,
    url: `${server}/cable`,
    identifier: (room: string) => ({ channel: 'RoomChannel', room }),
  })
if (link === 'sse')
  serveStreams({ panels, stream: (rooms: readonly string[]) => `${server}/events?rooms=${rooms.join()}` })
