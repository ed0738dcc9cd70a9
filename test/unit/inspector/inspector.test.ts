import { expect, test } from 'vitest'

test('the inspector can be imported where there are no elements', async () => {
  expect('HTMLElement' in globalThis).toBe(false)
  const { PartylineInspector } = await import('../../../inspector/index')
  expect(PartylineInspector).toBeTypeOf('function')
})
