import { expect, test } from 'vitest'
import { roomDialect } from '../../../../worker/dialect/room-dialect'
import type { Connection } from '../../../../worker/link/connection'
import type { KeptParts } from '../../../../worker/sends/kept'
import { readSends } from '../../../../worker/sends/options'

/** What pages send, as the entry of a kind of server puts it together. */
function setUp({ isKeeping = false } = {}) {
  const left: unknown[] = []
  const kept: unknown[] = []
  const createSends = readSends(
    { sends: ['ack'], keepFor: 1000 },
    {
      dialect: roomDialect,
      ...(isKeeping && {
        createKept: ({ keepFor }) =>
          ({ keep: async (message: object) => void kept.push({ ...message, keepFor }) }) as never,
      }),
    },
  )
  const connection: Pick<Connection, 'status' | 'request' | 'isOpen'> = {
    isOpen: () => true,
    status: () => ({ state: 'online', since: 0, attempt: 0 }),
    request({ name, payload }, acknowledged) {
      left.push([name, payload])
      acknowledged?.('yes')
      return true
    },
  }
  const sends = createSends({
    dialect: roomDialect,
    connection,
    guarded: () => ({ said: undefined as never }),
    stateOf: () => undefined,
    redact: (text) => text,
    // Only kept messages need these.
    ...({} as Pick<KeptParts, 'home' | 'database' | 'store' | 'count' | 'ended' | 'changed'>),
  })
  const send = (name: string, keep?: string) => sends.send({ name, payload: 7, timeout: 1000 }, keep)
  return { sends, send, left, kept }
}

test('a message that pages may send - it leaves, and its answer comes; any other does not', async () => {
  const { send, left } = setUp()
  expect(await send('ack')).toBe('yes')
  await expect(send('other')).rejects.toMatchObject({ reason: 'unknown-message' })
  expect(left).toEqual([['ack', 7]])
})

test('a server that acknowledges - a message with an id is kept as long as the option says', async () => {
  const { send, left, kept } = setUp({ isKeeping: true })
  expect(await send('ack', 'id')).toEqual({ kept: 'id' })
  await expect(send('other', 'id')).rejects.toMatchObject({ reason: 'unknown-message' })
  expect(kept).toEqual([{ id: 'id', name: 'ack', payload: 7, keepFor: 1000 }])
  expect(left).toEqual([])
})

test('a kind of server that acknowledges nothing - a message to keep is refused, and does not leave', async () => {
  const { sends, send, left } = setUp()
  await expect(send('ack', 'id')).rejects.toMatchObject({
    reason: 'bad-argument',
    message: expect.stringContaining('"ack" cannot be kept'),
  })
  expect(left).toEqual([])
  expect(sends.kept).toBeUndefined()
})
