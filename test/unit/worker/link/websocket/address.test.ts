import { expect, test } from 'vitest'
import { addressOf } from '../../../../../worker/link/websocket/address'

const URL_ = 'wss://live.example/ws?a=1'

test('without a token the address is as the app wrote it', () => {
  for (const place of ['query', 'protocol', 'message'] as const)
    expect(addressOf(URL_, ['v1'], place, undefined)).toEqual({ url: URL_, protocols: ['v1'] })
})

test('in the query, beside what is there, and encoded', () => {
  expect(addressOf(URL_, [], 'query', 'a b&c')).toEqual({ url: `${URL_}&token=a+b%26c`, protocols: [] })
  expect(addressOf('wss://live.example/ws?token=old', [], 'query', 'new').url).toBe(
    'wss://live.example/ws?token=new',
  )
})

test('as the last subprotocol', () => {
  expect(addressOf(URL_, ['v1'], 'protocol', 'secret')).toEqual({ url: URL_, protocols: ['v1', 'secret'] })
})

test('in the first message, the address has none', () => {
  expect(addressOf(URL_, ['v1'], 'message', 'secret')).toEqual({ url: URL_, protocols: ['v1'] })
})

test('in an address of the app', () => {
  const place = (url: string, token: string) => `${url}#${token}`
  expect(addressOf(URL_, ['v1'], place, 'secret')).toEqual({ url: `${URL_}#secret`, protocols: ['v1'] })
})
