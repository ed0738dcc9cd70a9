import type { Server } from 'socket.io'
import { ACKNOWLEDGEMENTS, type AcknowledgementStore } from './acknowledgements.ts'
import type { Acknowledgement } from './rooms.ts'

/** What the servers of one dashboard share. */
export interface Cluster {
  readonly adapter: Parameters<Server['adapter']>[0]
  /** Resolves to true for one server only: that one sends the `tick`-th event of the room. */
  claim(room: string, tick: number): Promise<boolean>
  /** The last tick that any server has sent, per room. */
  last(): Promise<ReadonlyMap<string, number>>
  readonly acknowledgements: AcknowledgementStore
  close(): Promise<void>
}

const NAME = 'partyline-demo'
/** The list of all acknowledgements. Each also has a key of its own, so that an error has one. */
const LIST = `${NAME}:acknowledgements`
/** How long acknowledgements are kept, in s. */
const ACKNOWLEDGEMENT_LIFE = 2 * 3600

/** Connects to the Redis at `url`, if one is set. Sessions then outlive a server, and any server can recover them. */
export async function openCluster(
  url: string | undefined,
  onLost: (reason: string) => void,
): Promise<Cluster | undefined> {
  if (url === undefined || url === '') return undefined
  const [{ createClient }, { createAdapter }] = await Promise.all([
    import('redis'),
    import('@socket.io/redis-streams-adapter'),
  ])
  const client = createClient({ url, socket: { connectTimeout: 3000, reconnectStrategy: false } })
  let isOpen = false
  const onError = (error: Error) =>
    isOpen && onLost(`The connection to Redis at "${url}" was lost: ${error.message}`)
  client.on('error', onError)
  // The adapter reads through a duplicate of the client and does not handle its errors.
  const duplicate = client.duplicate.bind(client)
  Object.assign(client, { duplicate: (...options: []) => duplicate(...options).on('error', onError) })
  try {
    await client.connect()
    isOpen = true
  } catch {
    throw new Error(`No Redis answers at REDIS_URL, "${url}". Start one there, or unset REDIS_URL.`)
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
    acknowledgements: {
      async add(acknowledgement) {
        const text = JSON.stringify(acknowledgement)
        const key = `${NAME}:acknowledged:${acknowledgement.row}`
        if ((await client.set(key, text, { NX: true, EX: ACKNOWLEDGEMENT_LIFE })) === null)
          return JSON.parse((await client.get(key)) ?? text) as Acknowledgement
        await client.lPush(LIST, text)
        await client.lTrim(LIST, 0, ACKNOWLEDGEMENTS - 1)
        await client.expire(LIST, ACKNOWLEDGEMENT_LIFE)
        return acknowledgement
      },
      all: async () => (await client.lRange(LIST, 0, -1)).map((text) => JSON.parse(text) as Acknowledgement),
    },
    async close() {
      isOpen = false
      client.destroy()
    },
  }
}
