import { PartylineError } from '../../shared/errors'
import type { Place } from '../../shared/place'
import { createCalls } from './calls'
import { LAST_WORDS } from './life'
import type { WorkerHandle } from './open-worker'

/** Opens a worker and calls it. Resolves to what went wrong, if anything did. */
export async function probe(
  place: Place,
  open: () => WorkerHandle,
  timeout: number,
): Promise<PartylineError | undefined> {
  const failed = (why: string, cause?: unknown) =>
    new PartylineError('worker-failed', `This page cannot move to the worker at "${place.address}". ${why}`, {
      cause,
    })
  let access: WorkerHandle
  try {
    access = open()
  } catch (cause) {
    return failed(`The browser refuses to start it: ${cause}.`, cause)
  }
  const calls = createCalls(access.port, timeout)
  access.worker.addEventListener('error', () =>
    setTimeout(() => calls.end(new PartylineError('worker-failed', 'It could not be started.')), LAST_WORDS),
  )
  try {
    await calls.call('ping', [])
    return undefined
  } catch (cause) {
    const error = cause as PartylineError
    // The worker runs, and does not know this page yet.
    return error.reason === 'unregistered' ? undefined : failed(error.message, error)
  } finally {
    access.leave()
    calls.release()
  }
}
