import type { TokenSource } from '../../shared/token'

/** Calls the app's token function. Resolves to its answer or to its error, as plain values that can be posted to the worker. */
export async function readToken(source: TokenSource | undefined): Promise<unknown> {
  try {
    const answer: unknown = await source?.()
    return answer instanceof Response ? { status: answer.status, ...(await answer.json()) } : answer
  } catch (error) {
    return { error: String(error), status: (error as { status?: unknown } | null)?.status }
  }
}
