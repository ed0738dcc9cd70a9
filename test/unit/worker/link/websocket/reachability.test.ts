import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { obstacle, readProbe } from '../../../../../worker/link/websocket/reachability'

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
const answers = (status: number) => obstacle(async () => new Response('', { status }), 'secret', 'stats')

test.each([401, 403])('%i refuses the user', async (status) => {
  const reason = `The server answered ${status} over HTTP.`
  expect(await answers(status)).toEqual({ reason, rejection: { message: reason, data: { status } } })
})

test.each([200, 204, 301, 404, 426])('%i - somebody is there, so dialling is of use', async (status) => {
  expect(await obstacle(async () => ({ status }) as Response, undefined, undefined)).toBeUndefined()
})

test.each([500, 502, 503])('%i - nobody is behind the proxy', async (status) => {
  expect(await answers(status)).toEqual({ reason: `The server answered ${status} over HTTP.` })
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
])('a probe that %s - the server is away, and nothing of the error is told', async (_, probe) => {
  expect(await obstacle(probe as never, 'secret', 'stats')).toEqual({
    reason: 'The server does not answer over HTTP.',
  })
})

test('a probe that never answers - the server is away', async () => {
  vi.useFakeTimers()
  const found = obstacle(() => new Promise(() => {}), undefined, undefined)
  await vi.advanceTimersByTimeAsync(5000)
  const answer = await Promise.race([found, 'still waits'])
  vi.useRealTimers()
  expect(answer).toEqual({ reason: 'The server does not answer over HTTP.' })
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
  if (probe) await obstacle(probe, 'secret', 'stats')
  expect(told).toEqual([['secret', 'stats']])
  expect(readProbe(undefined, undefined, resolve)).toBeUndefined()
})
