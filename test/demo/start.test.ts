import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startDemo } from './demo'

test('a port that is in use is named, and the next one taken', async () => {
  const squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve))
  const { port } = squatter.address() as AddressInfo
  const demo = await startDemo(port)
  expect(demo.output()).toContain(`Port ${port} is in use; trying ${port + 1}.`)
  expect(demo.url).toBe(`http://localhost:${port + 1}`)
  expect((await demo.census()).version).toBe('v1')
  expect(await demo.stop()).toBe(0)
  squatter.close()
})

test('Ctrl-C ends it without a rest', async () => {
  const demo = await startDemo()
  expect(await demo.stop()).toBe(0)
  await expect(demo.census()).rejects.toThrow()
})

test('a port that is none is refused with a word of why', async () => {
  await expect(startDemo(70_000)).rejects.toThrow(
    'PORT is 70000; it should be a whole number from 0 to 65535.',
  )
})

test('a Redis that is not there is named', async () => {
  await expect(startDemo(0, { REDIS_URL: 'redis://127.0.0.1:1' })).rejects.toThrow(
    'REDIS_URL names redis://127.0.0.1:1, and no Redis answers there.',
  )
})
