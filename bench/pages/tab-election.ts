import type { Socket } from 'socket.io-client'
import { Tab } from 'tab-election'
import type { FeedEvent } from './contender'
import { openFeed } from './feed'

/** The tab that is elected holds the socket and tells the others, one message per event. */

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
