import { createHmac, timingSafeEqual } from 'node:crypto'

/** How long a token is valid, in ms. */
export const TOKEN_LIFE = 60_000

/** Signed tokens with a short life. The next server has the same secret, so it accepts them too. */
export function createTokens(secret: string) {
  let issued = 0
  let validFrom = 0
  let refusingUntil = 0
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')

  function isSigned(times: string, signature: string) {
    const [given, expected] = [Buffer.from(signature), Buffer.from(sign(times))]
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  return {
    issued: () => issued,
    issue() {
      issued += 1
      const times = `${Date.now()}-${issued}`
      return { token: `${times}.${sign(times)}`, expiresIn: TOKEN_LIFE }
    },
    /** Why a token is refused; `undefined` if it is valid. */
    refusalOf(token: unknown): string | undefined {
      if (Date.now() < refusingUntil) return 'unauthorized: every token is refused at the moment'
      const [times = '', signature = ''] = String(token).split('.')
      if (!isSigned(times, signature)) return 'invalid token'
      const at = Number(times.split('-')[0])
      return at < validFrom || Date.now() - at > TOKEN_LIFE ? 'expired token' : undefined
    },
    /** Makes all tokens that were issued until now invalid. */
    expire() {
      validFrom = Date.now() + 1
    },
    refuse(seconds: number) {
      refusingUntil = Date.now() + seconds * 1000
    },
  }
}

export type Tokens = ReturnType<typeof createTokens>
