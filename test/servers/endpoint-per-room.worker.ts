import { serve } from 'partyline/worker/websocket'
import { common, sends, sendTo, server } from './settings'

/** The worker file for WebSocket endpoints, one per room. */
serve({
  ...common,
  sends,
  sendTo,
  endpoint: (room) => `${server}/ws/${room}`,
  probe: (token, room) =>
    fetch(`${server}/me?room=${room}`, { headers: { authorization: `Bearer ${token}` } }),
})
