import { withDeadline } from '../../deadline'
import type { Loss } from '../link'

/**
 * Requests an address that refuses the same users as the WebSocket does. `room` is the room whose own connection could not be
 * opened, where each has one.
 */
export type Probe = (token: string | undefined, room: string | undefined) => Promise<Response>

/** How long the server may take to answer, in ms. */
const PATIENCE = 5000

/** Requests an address with the token, if there is one, as a bearer token. */
const probeOf =
  (url: string, sendsToken: boolean): Probe =>
  (token) =>
    fetch(url, {
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
      ...(sendsToken && token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    })

/** Reads the option `probe`. Without it, the version endpoint is asked, which needs no token. */
export function readProbe(
  probe: string | Probe | undefined,
  version: { readonly url: string } | undefined,
  resolve: (option: string, url: string) => string,
): Probe | undefined {
  if (typeof probe === 'function') return probe
  if (probe !== undefined) return probeOf(resolve('probe', probe), true)
  return version && probeOf(resolve('version', version.url), false)
}

/**
 * Asks over HTTP whether the server refuses the user. A browser says nothing of why a WebSocket could not be opened: a server that
 * refuses the user and one that is away look alike.
 */
export async function refusal(
  probe: Probe,
  token: string | undefined,
  room: string | undefined,
): Promise<Loss | undefined> {
  try {
    const { status } = await withDeadline(PATIENCE, Promise.resolve(probe(token, room)), new Error())
    const reason = `The server answered ${status} over HTTP.`
    return status === 401 || status === 403
      ? { reason, rejection: { message: reason, data: { status } } }
      : undefined
  } catch {
    return undefined
  }
}
