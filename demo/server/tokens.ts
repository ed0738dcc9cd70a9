import { createHmac, timingSafeEqual } from 'node:crypto'

/** How long a token is good for a handshake. */
export const TOKEN_LIFE = 60_000

/** Short-lived tokens, signed, so that a server started anew knows those of the one before. */
export function createTokens(secret: string) {
  let issued = 0
  let validFrom = 0
  let refusesUntil = 0
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')

  function isSigned(times: string, signature: string) {
    const [given, right] = [Buffer.from(signature), Buffer.from(sign(times))]
    return given.length === right.length && timingSafeEqual(given, right)
  }

  return {
    issued: () => issued,
    issue() {
      issued += 1
      const times = `${Date.now()}-${issued}`
      return { token: `${times}.${sign(times)}`, expiresIn: TOKEN_LIFE }
    },
    /** Why a handshake is turned down; `undefined` where it is not. */
    complaint(token: unknown): string | undefined {
      if (Date.now() < refusesUntil) return 'unauthorized: no token will do at the moment'
      const [times = '', signature = ''] = String(token).split('.')
      if (!isSigned(times, signature)) return 'invalid token'
      const at = Number(times.split('-')[0])
      return at < validFrom || Date.now() - at > TOKEN_LIFE ? 'expired token' : undefined
    },
    /** No token issued until now is good any more. */
    expire() {
      validFrom = Date.now() + 1
    },
    refuse(seconds: number) {
      refusesUntil = Date.now() + seconds * 1000
    },
  }
}

export type Tokens = ReturnType<typeof createTokens>
