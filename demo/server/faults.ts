import type { Duplex } from 'node:stream'

/** The delay of everything during the fault "slow", in ms. */
const SLOW_DELAY = 1500

/** The faults of the server that are active now. Each ends by itself. */
export function createFaults() {
  const until = { refusing: 0, slow: 0, mute: 0 }
  const upgraded = new Set<Duplex>()
  let refused = 0
  const isActive = (fault: keyof typeof until) => Date.now() < until[fault]

  return {
    /** Whether to refuse this socket, and counts it if so. Other HTTP requests are answered. */
    refusesSocket() {
      const isRefusing = isActive('refusing')
      if (isRefusing) refused += 1
      return isRefusing
    },
    refused: () => refused,
    /** Whether to send no keepalives. */
    isMute: () => isActive('mute'),
    delay: () => (isActive('slow') ? SLOW_DELAY : 0),
    begin(fault: keyof typeof until, seconds: number) {
      until[fault] = Date.now() + seconds * 1000
    },
    track(socket: Duplex) {
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
    },
    /** Keeps all connections open, but sends and receives nothing more on them. */
    halfOpen() {
      for (const socket of upgraded) {
        socket.pause()
        socket.cork()
      }
    },
  }
}

export type Faults = ReturnType<typeof createFaults>
