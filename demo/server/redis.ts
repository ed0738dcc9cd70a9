import type { Server } from 'socket.io'

/** What several servers of one dashboard share. */
export interface Cluster {
  readonly adapter: Parameters<Server['adapter']>[0]
  /** Says to one server alone that an event is its to send: the `tick`-th of a room. */
  claim(room: string, tick: number): Promise<boolean>
  /** The last event that was sent in each room, by whichever server. */
  last(): Promise<ReadonlyMap<string, number>>
  close(): Promise<void>
}

const NAME = 'partyline-demo'

/** Redis, where `REDIS_URL` names one: sessions then outlive a server, and any node can give one back. */
export async function openCluster(
  url: string | undefined,
  lost: (why: string) => void,
): Promise<Cluster | undefined> {
  if (url === undefined || url === '') return undefined
  const [{ createClient }, { createAdapter }] = await Promise.all([
    import('redis'),
    import('@socket.io/redis-streams-adapter'),
  ])
  const client = createClient({ url, socket: { connectTimeout: 3000, reconnectStrategy: false } })
  let isOpen = false
  const hear = (error: Error) => isOpen && lost(`The Redis at ${url} went away: ${error.message}`)
  client.on('error', hear)
  // The adapter reads through a copy, whose errors it does not listen to.
  const duplicate = client.duplicate.bind(client)
  Object.assign(client, { duplicate: (...options: []) => duplicate(...options).on('error', hear) })
  try {
    await client.connect()
    isOpen = true
  } catch {
    throw new Error(`REDIS_URL names ${url}, and no Redis answers there. Start one, or leave REDIS_URL out.`)
  }
  return {
    adapter: createAdapter(client),
    async claim(room, tick) {
      if ((await client.set(`${NAME}:${room}:${tick}`, '1', { NX: true, EX: 300 })) === null) return false
      await client.hSet(`${NAME}:last`, room, tick)
      return true
    },
    async last() {
      const all = await client.hGetAll(`${NAME}:last`)
      return new Map(Object.entries(all).map(([room, tick]) => [room, Number(tick)]))
    },
    async close() {
      isOpen = false
      client.destroy()
    },
  }
}
