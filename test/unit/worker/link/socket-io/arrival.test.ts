import type { Decoder } from 'socket.io-parser'
import { expect, test } from 'vitest'
import { arrivalOf } from '../../../../../worker/link/socket-io/arrival'
import { type Raw, rememberingParser } from '../../../../../worker/link/socket-io/internals'
import { createPositionReader } from '../../../../../worker/link/socket-io/position'

function packetIn(...parts: readonly (string | Buffer)[]): Raw {
  const packets: Raw[] = []
  const decoder: Decoder = new rememberingParser.Decoder()
  decoder.on('decoded', (packet: Raw) => packets.push(packet))
  for (const part of parts) decoder.add(part)
  const [packet] = packets
  if (!packet) throw new Error('no packet')
  return packet
}

test.each([
  ['as Socket.IO writes it', '2["row",{"n":1}]', '{"n":1}'],
  ['of another namespace', '2/admin,["row",[1]]', '[1]'],
  ['that asks for an acknowledgement', '2/admin,17["row",1]', '1'],
  ['with spaces, as other servers write it', '2["row", {"n": 1}]', ' {"n": 1}'],
  ['that has the name in it', '2["row",["row",1]]', '["row",1]'],
  ['with a name that has to be escaped', '2["a\\"[\\"b",1]', '1'],
  ['with a number for a name', '2[7,["7",1]]', '["7",1]'],
])('the text of a payload %s', (_, raw, text) => {
  const arrival = arrivalOf(packetIn(raw))
  expect(arrival).toMatchObject({ text, size: raw.length })
  expect(JSON.parse(text)).toEqual(arrival.payload)
})

test('a position after the payload is not part of its text', () => {
  const position = `${Date.now()}-0`
  const raw = `2["row",{"n":1},"${position}"]`
  expect(arrivalOf(packetIn(raw), createPositionReader())).toEqual({
    name: 'row',
    payload: { n: 1 },
    size: raw.length,
    position,
    text: '{"n":1}',
  })
})

test.each([
  ['a name escaped in an odd way, that is in the payload as well', '2["\\u0061",["a",1]]', 'a', ['a', 1]],
  ['a name with a slash escaped', '2["a\\/b",{"c":["a/b",2]}]', 'a/b', { c: ['a/b', 2] }],
  ['a space before the name', '2[ "a",["a",1]]', 'a', ['a', 1]],
])('%s - the payload is the decoded one, without a text', (_, raw, name, payload) => {
  expect(arrivalOf(packetIn(raw))).toEqual({ name, payload, size: raw.length })
})

test('an event with bytes has no text', () => {
  const head = '51-["row",{"_placeholder":true,"num":0}]'
  const bytes = Buffer.from([1, 2])
  const arrival = arrivalOf(packetIn(head, bytes))
  expect(arrival).toEqual({ name: 'row', payload: bytes, size: head.length + bytes.length })
})

test('an event that asks for an acknowledgement has no position', () => {
  const text = `${Date.now()}-0`
  expect(arrivalOf(packetIn(`23["row","${text}"]`), createPositionReader())).toMatchObject({ payload: text })
})
