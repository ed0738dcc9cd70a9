import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy in front of a server. It can break connections, refuse them, or stop delivering bytes. */
export function createFlakyProxy(target: number) {
  const sockets = new Set<Socket>()
  let mode: 'pass' | 'block WebSockets' | 'refuse' | 'drop bytes' = 'pass'
  /** How many more WebSockets to refuse. */
  let toBlock = 0
  /** Whether to lose the next answer to a long poll. */
  let losesNextPoll = false
  /** The request lines of all polls, which are unique, and how many of them came again. */
  const polls = new Set<string>()
  let repeated = 0
  /** How many connections have lost bytes. */
  let halfOpen = 0

  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.destroy()
      return
    }
    const upstream = connect(target, '127.0.0.1')
    /** TCP never loses bytes in the middle of a connection: once some were dropped, no more may arrive. */
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
        if (mode === 'drop bytes' && !isDead) {
          isDead = true
          halfOpen += 1
        }
        if (losesNextPoll && isPolled && from === upstream) {
          losesNextPoll = false
          isDead = true
          client.resetAndDestroy()
        }
        if (mode === 'block WebSockets' && toBlock > 0 && /upgrade: websocket/i.test(String(chunk))) {
          toBlock -= 1
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

  function block(times: number) {
    mode = 'block WebSockets'
    toBlock = times
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
    /** Refuses all WebSockets; HTTP passes. */
    blockWebSockets: () => block(Infinity),
    /** Refuses one WebSocket. */
    blockNextWebSocket: () => block(1),
    /** Breaks all open connections and refuses new ones. */
    refuse() {
      mode = 'refuse'
      cut()
    },
    /** Half-open: connections stay open, but no bytes arrive. One that has lost bytes stays so when others pass again. */
    dropBytes: () => {
      mode = 'drop bytes'
    },
    halfOpen: () => halfOpen,
    cut,
    /** Loses the next answer to a long poll, and resets its connection. */
    losePollAnswer: () => {
      losesNextPoll = true
    },
    /** How many polls the browser has repeated by itself. */
    repeatedPolls: () => repeated,
    stop() {
      mode = 'refuse'
      cut()
      server.close()
    },
  }
}

export type FlakyProxy = ReturnType<typeof createFlakyProxy>
