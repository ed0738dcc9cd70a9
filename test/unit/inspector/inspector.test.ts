import { expect, test } from 'vitest'

test('the inspector can be imported on a server, where there is no HTMLElement', async () => {
  expect('HTMLElement' in globalThis).toBe(false)
  const { PartylineInspector } = await import('../../../inspector/index')
  expect(PartylineInspector).toBeTypeOf('function')
})
