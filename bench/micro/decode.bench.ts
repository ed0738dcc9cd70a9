import { bench, describe } from 'vitest'
import { rememberingParser } from '../../worker/link/socket-io/internals'
import { createPayloads } from '../server/payload'

/** Decodes the text of a Socket.IO packet to the message that the worker reads. */
for (const bytes of [300, 2000, 10_000]) {
  const text = `2["row",${JSON.stringify(createPayloads('feed', bytes)(1, 1, 1.5))}]`

  describe(`decode a packet of ${bytes} bytes`, () => {
    const decoder = new rememberingParser.Decoder()
    decoder.on('decoded', () => {})
    bench('as the worker does', () => decoder.add(text))
    bench('JSON.parse alone: the limit if the payload is parsed', () => void JSON.parse(text.slice(1)))
  })
}
