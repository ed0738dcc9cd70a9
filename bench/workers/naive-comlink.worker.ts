import { expose } from 'comlink'
import { io } from 'socket.io-client'
import type { Envelope, FeedEvent } from '../pages/contender'
import { PACE } from '../pages/pace'

/** One socket, and a proxied callback for each tab, as Comlink's examples suggest. */

type Listener = (event: FeedEvent) => void

const listeners = new Map<string, Set<Listener>>()
const socket = io(PACE)
const join = (room: string) => socket.emit('join_room', { room }, () => {})

socket.on('connect', () => {
  for (const room of listeners.keys()) join(room)
})
socket.on('row', ({ room, data }: Envelope) => {
  for (const listener of listeners.get(room) ?? []) listener(data)
})

const feed = {
  subscribe(rooms: readonly string[], listener: Listener) {
    for (const room of rooms) {
      const others = listeners.get(room)
      if (others) others.add(listener)
      else {
        listeners.set(room, new Set([listener]))
        if (socket.connected) join(room)
      }
    }
  },
}
export type Feed = typeof feed

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports
  if (port) expose(feed, port)
})
