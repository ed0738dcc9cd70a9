import { BroadcastChannel, createLeaderElection } from 'broadcast-channel'
import type { Socket } from 'socket.io-client'
import type { FeedEvent } from './contender'
import { openFeed } from './feed'

/** The tab that is elected holds the socket and tells the others, one message per event. */

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
