import { BroadcastChannel, createLeaderElection } from 'broadcast-channel'
import type { Socket } from 'socket.io-client'
import type { FeedEvent } from './contender'
import { openFeed } from './feed'

/** The elected tab has the socket, and sends each event to the others in one message. */

const channel = new BroadcastChannel<FeedEvent>('feed')
let socket: Socket | undefined

window.contender = {
  connect(rooms, onEvent) {
    channel.onmessage = onEvent
    void createLeaderElection(channel)
      .awaitLeadership()
      .then(() => {
        socket = openFeed(rooms, (event) => {
          void channel.postMessage(event)
          onEvent(event)
        })
      })
  },
  close() {
    socket?.close()
    void channel.close()
  },
}
