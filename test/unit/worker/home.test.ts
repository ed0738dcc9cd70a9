import { expect, test } from 'vitest'
import { homeIn } from '../../../worker/home'

const placeIn = (importScripts: (url?: string) => void) =>
  homeIn({
    name: 'partyline/1/u-17',
    navigator: {},
    location: new URL('https://app/worker.js'),
    onconnect: null,
    importScripts,
    close: () => {},
  }).place

test('a worker runs a module, or a classic script - pages are told which', () => {
  const module = placeIn((url) => {
    // As in Firefox: without an address nothing is imported, and nothing is wrong.
    if (url !== undefined) throw new TypeError('importScripts is not for modules')
  })
  const classic = placeIn((url) => {
    if (url !== undefined) throw new DOMException('no address', 'SyntaxError')
  })
  expect([module?.type, classic?.type]).toEqual(['module', 'classic'])
})

test('a busy browser frees the lock of a worker 400 ms after its end - the next worker learns that it has ended', async () => {
  const lastLock = 'lock of the last worker'
  const request = (name: string, { signal }: LockOptions, granted: (lock: object) => boolean) =>
    new Promise((resolve, reject) => {
      if (name !== lastLock) return
      signal?.addEventListener('abort', () => reject(signal.reason))
      setTimeout(() => resolve(granted({})), 400)
    })
  const home = homeIn({
    name: 'partyline/1/u',
    navigator: { locks: { request } as unknown as LockManager },
    location: new URL('https://app/worker.js'),
    close: () => {},
  })
  expect(await home.isFree(lastLock)).toBe(true)
})
