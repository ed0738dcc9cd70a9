import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy in front of a server: a network that can be cut, or fall silent. */
export function createCable(target: number) {
  const sockets = new Set<Socket>()
  let mode: 'pass' | 'plain' | 'refuse' | 'swallow' = 'pass'
  /** How many WebSockets are still to be turned away. */
  let walled = 0
  /** Whether the next answer of a long poll is to be lost. */
  let losing = false
  /** The polls that came, each with a number of its own in its address, and how many came again. */
  const polls = new Set<string>()
  let repeated = 0

  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.destroy()
      return
    }
    const upstream = connect(target, '127.0.0.1')
    /** TCP loses nothing in the midst of a connection: once bytes were swallowed, no more arrive. */
    let isDead = false
    let isPolled = false
    client.on('data', (chunk) => {
      const [line = ''] = String(chunk).split('\r\n', 1)
      isPolled = /^GET .*transport=polling.*&sid=/.test(line)
      if (!isPolled) return
      if (polls.has(line)) repeated += 1
      polls.add(line)
    })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => {
        isDead ||= mode === 'swallow'
        if (losing && isPolled && from === upstream) {
          losing = false
          isDead = true
          client.resetAndDestroy()
        }
        if (mode === 'plain' && walled > 0 && /upgrade: websocket/i.test(String(chunk))) {
          walled -= 1
          client.destroy()
        }
        if (!isDead) to.write(chunk)
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        if (!isDead) to.destroy()
      })
    }
  })

  function wall(times: number) {
    mode = 'plain'
    walled = times
  }
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    async start() {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    pass: () => {
      mode = 'pass'
    },
    /** A wall that lets no WebSockets through. */
    plain: () => wall(Infinity),
    /** One that turns the first away. */
    plainOnce: () => wall(1),
    /** Breaks what is open and takes nothing new. */
    refuse() {
      mode = 'refuse'
      cut()
    },
    /** Half-open: connections stay, bytes do not arrive. */
    swallow: () => {
      mode = 'swallow'
    },
    cut,
    /** The next answer of a long poll does not arrive, and its connection is reset. */
    loseAnswer: () => {
      losing = true
    },
    /** How many polls the browser has repeated by itself. */
    repeated: () => repeated,
    stop() {
      mode = 'refuse'
      cut()
      server.close()
    },
  }
}

export type Cable = ReturnType<typeof createCable>
