import { expect, test, vi } from 'vitest'
import { backoff, dependable, steady } from '../../../../worker/link/retry'

test('steady - the first anywhere within a second, then 5 s ± 20 %', () => {
  expect(steady({}, () => 0)(1)).toBe(0)
  expect(steady({}, () => 1)(1)).toBe(1000)
  expect(steady({}, () => 0)(2)).toBe(4000)
  expect(steady({}, () => 1)(99)).toBe(6000)
  expect(steady({ first: 10, every: 100, jitter: 0 })(7)).toBe(100)
})

test('backoff - full jitter under a ceiling that grows to a cap', () => {
  const ceiling = backoff({ from: 100, to: 1000, factor: 2 }, () => 1)
  expect([1, 2, 3, 4, 5, 500].map(ceiling)).toEqual([100, 200, 400, 800, 1000, 1000])
  expect(backoff({}, () => 0)(9)).toBe(0)
})

test('a policy that throws or returns no delay falls back to the default pace', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const broken = dependable(() => {
    throw new Error('oops')
  })
  for (const policy of [broken, dependable(() => Number.NaN), dependable(() => -1)]) {
    expect(policy(2)).toBeGreaterThanOrEqual(4000)
    expect(policy(2)).toBeLessThanOrEqual(6000)
  }
  expect(dependable(() => Number.POSITIVE_INFINITY)(1)).toBe(2 ** 31 - 1)
  vi.restoreAllMocks()
})
