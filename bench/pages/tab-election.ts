import type { Socket } from 'socket.io-client'
import { Tab } from 'tab-election'
import type { FeedEvent } from './contender'
import { openFeed } from './feed'

/** The elected tab has the socket, and sends each event to the others in one message. */

const tab = new Tab('feed')
let socket: Socket | undefined

window.contender = {
  connect(rooms, onEvent) {
    tab.addEventListener('message', ({ data }: MessageEvent<FeedEvent>) => onEvent(data))
    void tab.waitForLeadership(() => {
      socket = openFeed(rooms, (event) => {
        tab.send(event)
        onEvent(event)
      })
    })
  },
  close() {
    socket?.close()
    tab.close()
  },
}
