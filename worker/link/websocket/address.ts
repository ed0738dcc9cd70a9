/** Where a token goes: into the query, among the subprotocols, or into the first message; or into an address that the app makes. */
export type TokenPlace = 'query' | 'protocol' | 'message' | ((url: string, token: string) => string)

/** What a connection is opened with. */
export interface Address {
  readonly url: string
  readonly protocols: readonly string[]
}

/** Adds the token to the server's address. */
export function addressOf(
  url: string,
  protocols: readonly string[],
  place: TokenPlace,
  token: string | undefined,
): Address {
  if (token === undefined || place === 'message') return { url, protocols }
  if (place === 'protocol') return { url, protocols: [...protocols, token] }
  if (typeof place === 'function') return { url: place(url, token), protocols }
  const address = new URL(url)
  address.searchParams.set('token', token)
  return { url: address.href, protocols }
}
