import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readProbe, refusal } from '../../../../../worker/link/websocket/refusal'

const asked: { url: string; headers: unknown }[] = []
beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', async (url: string, { headers }: RequestInit) => {
    asked.push({ url, headers })
    return new Response('', { status: 200 })
  })
})
afterEach(() => void vi.unstubAllGlobals())

const resolve = (_: string, url: string) => `https://app.example${url}`
const answers = (status: number) => refusal(async () => new Response('', { status }), 'secret', 'stats')

test.each([401, 403])('%i refuses the user', async (status) => {
  const reason = `The server answered ${status} over HTTP.`
  expect(await answers(status)).toEqual({ reason, rejection: { message: reason, data: { status } } })
})

test.each([200, 204, 404, 426, 500, 502])('%i refuses nobody', async (status) => {
  expect(await answers(status)).toBeUndefined()
})

test.each([
  ['fails', () => Promise.reject(new TypeError('Failed to fetch'))],
  [
    'throws',
    () => {
      throw new Error('oops')
    },
  ],
  ['returns nothing', () => undefined],
])('a probe that %s refuses nobody', async (_, probe) => {
  expect(await refusal(probe as never, 'secret', 'stats')).toBeUndefined()
})

test('a probe that never answers refuses nobody', async () => {
  vi.useFakeTimers()
  const found = refusal(() => new Promise(() => {}), undefined, undefined)
  await vi.advanceTimersByTimeAsync(5000)
  const answer = await Promise.race([found, 'still waits'])
  vi.useRealTimers()
  expect(answer).toBeUndefined()
})

test('the address gets the token, and the version endpoint does not', async () => {
  await readProbe('/me', { url: '/version' }, resolve)?.('secret', undefined)
  await readProbe('/me', undefined, resolve)?.(undefined, undefined)
  await readProbe(undefined, { url: '/version' }, resolve)?.('secret', undefined)
  expect(asked).toEqual([
    { url: 'https://app.example/me', headers: { authorization: 'Bearer secret' } },
    { url: 'https://app.example/me', headers: undefined },
    { url: 'https://app.example/version', headers: undefined },
  ])
})

test("an app's own probe is told the token and the room, and without any there is none", async () => {
  const told: unknown[] = []
  const own = async (...all: unknown[]) => {
    told.push(all)
    return new Response()
  }
  const probe = readProbe(own, { url: '/version' }, resolve)
  if (probe) await refusal(probe, 'secret', 'stats')
  expect(told).toEqual([['secret', 'stats']])
  expect(readProbe(undefined, undefined, resolve)).toBeUndefined()
})
