import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startDemo } from './demo'

test('if a port is in use, the demo says so and uses the next one', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const demo = await startDemo(port)
  expect(demo.output()).toContain(`Port ${port} is in use; trying ${port + 1}.`)
  expect(demo.url).toBe(`http://localhost:${port + 1}`)
  expect((await demo.counts()).version).toBe('v1')
  expect(await demo.stop()).toBe(0)
  other.close()
})

test('Ctrl-C ends the demo and its server', async () => {
  const demo = await startDemo()
  expect(await demo.stop()).toBe(0)
  await expect(demo.counts()).rejects.toThrow()
})

test('an invalid port is refused with the reason', async () => {
  await expect(startDemo(70_000)).rejects.toThrow(
    'PORT is "70000"; it must be a whole number from 0 to 65535.',
  )
})

test('if no Redis answers, the error names its address', async () => {
  await expect(startDemo(0, { REDIS_URL: 'redis://127.0.0.1:1' })).rejects.toThrow(
    'No Redis answers at REDIS_URL, "redis://127.0.0.1:1".',
  )
})
