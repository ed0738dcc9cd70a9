import type { Rejection } from '../../dialect/dialect'

/**
 * - `refused`: the server is there, and refuses the user
 * - `reachable`: the server is there
 * - `away`: nobody answers, or only a proxy does
 */
export type Reachability =
  | { readonly is: 'refused'; readonly rejection: Rejection }
  | { readonly is: 'reachable' | 'away' }

/** How long the server may take to answer, in ms. */
const PATIENCE = 5000

/**
 * Asks a server over HTTP. A browser says nothing of why a WebSocket could not be opened: a server that refuses the user and
 * one that is away look alike.
 */
export async function ask(url: string): Promise<Reachability> {
  try {
    const { status } = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) })
    if (status === 401 || status === 403)
      return { is: 'refused', rejection: { message: `HTTP ${status}`, data: { status } } }
    return { is: status >= 500 ? 'away' : 'reachable' }
  } catch {
    return { is: 'away' }
  }
}
