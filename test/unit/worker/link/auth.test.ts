import { describe, expect, test } from 'vitest'
import { createAuth } from '../../../../worker/link/auth'

/** An auth whose source gives these tokens, one a handshake, all of them used. */
async function given(...tokens: readonly string[]) {
  const left = [...tokens]
  const auth = createAuth({
    sources: () => [{ name: 'worker', ask: async () => left.shift() ?? '' }],
    isRefusal: () => false,
  })
  for (let n = 0; n < tokens.length; n += 1) await auth.credentials()
  return auth
}

describe('tokens in the texts of a server', () => {
  test('a token of an earlier handshake is cut out, like the latest one', async () => {
    const { redact } = await given('secret-one', 'secret-two', 'secret-three')
    expect(redact('not secret-one, not secret-three: secret-one')).toBe('not [token], not [token]: [token]')
  })

  test('a long text is shortened, without a part of a token at its end', async () => {
    const { redact } = await given('secret')
    expect(redact(`${'x'.repeat(997)} secret ${'x'.repeat(5000)}`)).toBe(`${'x'.repeat(997)} [t`)
  })

  test('where one token begins with another, no part of it is left', async () => {
    const { redact } = await given('secret', 'secret.of.ann', 'secret.of')
    expect(redact('unauthorized: secret.of.ann')).toBe('unauthorized: [token]')
  })

  test('the replacement of a token is not read as a token', async () => {
    const { redact } = await given('a-long-token', 'token', '[token]')
    expect(redact('bad token a-long-token')).toBe('bad [token] [token]')
  })

  test('a token with the special characters of a pattern', async () => {
    const { redact } = await given('a+b/c==.$&*(^)|[x]\\d\n{2}?-')
    expect(redact('<a+b/c==.$&*(^)|[x]\\d\n{2}?->')).toBe('<[token]>')
  })

  test('a token as it stands in an address', async () => {
    const { redact } = await given('a+b/c~d==', 'lone \ud800')
    const address = new URL('ws://host/ws')
    address.searchParams.set('token', 'a+b/c~d==')
    expect(redact(`The URL '${address}' is invalid`)).toBe("The URL 'ws://host/ws?token=[token]' is invalid")
  })

  test('a very short token is cut out only where it stands alone', async () => {
    const { redact } = await given('a', 'or', '7')
    expect(redact('unauthorized: a, at 17:07 (or "7")')).toBe(
      'unauthorized: [token], at 17:07 ([token] "[token]")',
    )
  })

  test('a long token is cut out within a word as well', async () => {
    const { redact } = await given('0123456789abcdef')
    expect(redact('tokenX0123456789abcdefY')).toBe('tokenX[token]Y')
  })

  test('without a token, a text does not change', async () => {
    const { redact } = await given()
    expect(redact('websocket error')).toBe('websocket error')
  })

  test('the last sixteen are remembered; one that is used again is not forgotten', async () => {
    const tokens = Array.from({ length: 17 }, (_, n) => `secret-no-${n}-`)
    const { redact } = await given(...tokens)
    expect(tokens.map(redact)).toEqual(['secret-no-0-', ...Array(16).fill('[token]')])
    const again = await given(...tokens.slice(0, 16), 'secret-no-0-', 'secret-no-16-')
    expect(tokens.map(again.redact)).toEqual(['[token]', 'secret-no-1-', ...Array(15).fill('[token]')])
  })

  test('a token that was fetched only to compare it is cut out, too', async () => {
    const tokens = ['secret-one', 'secret-two']
    const auth = createAuth({
      sources: () => [{ name: 'worker', ask: async () => tokens.shift() ?? '' }],
      isRefusal: () => false,
    })
    await auth.credentials()
    expect(await auth.isRenewed(undefined)).toBe(true)
    expect(auth.redact('secret-one secret-two')).toBe('[token] [token]')
  })
})
