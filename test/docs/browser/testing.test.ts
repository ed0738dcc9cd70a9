import { expect, test } from 'vitest'
import { nodeCommands } from './node-commands'

test('the tests of the page about testing pass, run as a reader would', async () => {
  const { code, said } = (await nodeCommands.docsTestingPage()) as { code: number; said: string }
  expect(said).toMatch(/Tests +2 passed \(2\)/)
  expect(code, said).toBe(0)
})
