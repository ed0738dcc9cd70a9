import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { takeLease } from '../../../../src/tab/lease'

/** Who holds the lock of tab "known", for how long: a page, or nobody. */
let heldFor = 0
let navigation = 'navigate'

beforeEach(() => {
  vi.useFakeTimers()
  const kept = new Map([['w', '"known"']])
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
  vi.stubGlobal('performance', { ...performance, getEntriesByType: () => [{ type: navigation }] })
  const begunAt = Date.now()
  const request = async (
    name: string,
    { signal, mode }: { signal?: AbortSignal; mode?: string },
    hold: (lock: object | null) => unknown,
  ) => {
    const isFree = () => name !== 'w/tab/known' || Date.now() - begunAt >= heldFor
    if (mode === 'shared') return hold(null)
    await new Promise<void>((granted, refused) => {
      signal?.addEventListener('abort', () => refused(signal.reason))
      const look = () => (isFree() ? granted() : setTimeout(look, 10))
      look()
    })
    return hold({})
  }
  vi.stubGlobal('navigator', { locks: { request } })
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), ms)
    return abort.signal
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

async function lease() {
  const taken = takeLease('w')
  await vi.advanceTimersByTimeAsync(10_000)
  return taken
}

test('a page that reloads gets its tab’s lock as soon as the previous page releases it', async () => {
  heldFor = 250
  navigation = 'navigate'
  expect(await lease()).toMatchObject({ tab: 'known', lock: 'w/tab/known' })
})

test('a duplicate of an open tab gets an id of its own', async () => {
  heldFor = 60_000
  navigation = 'navigate'
  const { tab, copyOf } = await lease()
  expect(copyOf).toBe('known')
  expect(tab).not.toBe('known')
})

test('the previous page takes long to unload - the reloaded page waits for it and keeps its id', async () => {
  heldFor = 2000
  navigation = 'reload'
  expect(await lease()).toMatchObject({ tab: 'known', lock: 'w/tab/known' })
})
