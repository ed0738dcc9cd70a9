import { expect, test } from 'vitest'
import { nodeCommands } from './node-commands'

test('the tests in docs/testing.md pass when they are run as a reader would', async () => {
  const { code, output } = (await nodeCommands.docsTestingPage()) as { code: number; output: string }
  expect(output).toMatch(/Tests +2 passed \(2\)/)
  expect(code, output).toBe(0)
})
