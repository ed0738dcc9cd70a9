import { bench, describe } from 'vitest'
import { read } from '../../worker/dialect/reading'
import { roomDialect } from '../../worker/dialect/room-dialect'
import { createPayloads } from '../server/payload'

const isJoined = (room: string) => room === 'feed'
const payload = createPayloads('feed', 300)(1, 1, 1.5)

describe('read a message with the dialect', () => {
  bench(
    'an envelope that names its room',
    () => void read(roomDialect, undefined, { name: 'row', payload }, isJoined),
  )
  bench(
    'a message named like its room',
    () => void read(roomDialect, undefined, { name: 'feed', payload: payload.data }, isJoined),
  )
  bench(
    "a message routed by the app's `route`",
    () => void read(roomDialect, () => 'feed', { name: 'row', payload: payload.data }, isJoined),
  )
  bench('a keepalive', () => void read(roomDialect, undefined, { name: 'keepalive', payload: {} }, isJoined))
})
