import type { Server } from 'socket.io'

/** What several servers of one dashboard share. */
export interface Cluster {
  readonly adapter: Parameters<Server['adapter']>[0]
  /** Says to one server alone that something is its to send. */
  claim(key: string): Promise<boolean>
  close(): Promise<void>
}

/** Redis, where `REDIS_URL` names one: sessions then outlive a server, and any node can give one back. */
export async function openCluster(url: string | undefined): Promise<Cluster | undefined> {
  if (url === undefined || url === '') return undefined
  const [{ createClient }, { createAdapter }] = await Promise.all([
    import('redis'),
    import('@socket.io/redis-streams-adapter'),
  ])
  const client = createClient({ url, socket: { connectTimeout: 3000, reconnectStrategy: false } })
  client.on('error', (error: Error) => console.error(`Redis: ${error.message || 'the connection failed'}`))
  try {
    await client.connect()
  } catch {
    throw new Error(`REDIS_URL names ${url}, and no Redis answers there. Start one, or leave REDIS_URL out.`)
  }
  return {
    adapter: createAdapter(client),
    claim: async (key) => (await client.set(`partyline-demo:${key}`, '1', { NX: true, EX: 30 })) !== null,
    async close() {
      client.destroy()
    },
  }
}
