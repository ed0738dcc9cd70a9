import type { Duplex } from 'node:stream'

/** How much slower everything is while it is slowed down. */
const SLOW = 1500

/** What is wrong with the server at the moment. Each ends by itself. */
export function createFaults() {
  const until = { refusing: 0, slow: 0, mute: 0 }
  const upgraded = new Set<Duplex>()
  let turnedAway = 0
  const is = (what: keyof typeof until) => Date.now() < until[what]

  return {
    /** Sockets are turned away while HTTP answers: says whether this one is. */
    turnsAway() {
      if (is('refusing')) turnedAway += 1
      return is('refusing')
    },
    turnedAway: () => turnedAway,
    /** No keepalives are sent. */
    isMute: () => is('mute'),
    delay: () => (is('slow') ? SLOW : 0),
    begin(what: keyof typeof until, seconds: number) {
      until[what] = Date.now() + seconds * 1000
    },
    track(socket: Duplex) {
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
    },
    /** Connections stay open, and nothing goes through them any more, in either direction. */
    halfOpen() {
      for (const socket of upgraded) {
        socket.pause()
        socket.cork()
      }
    },
  }
}

export type Faults = ReturnType<typeof createFaults>
