import { serve } from 'partyline/worker'

/** A worker that is granted its lock late, as on a machine that has much to do. */
const { locks } = navigator
const request = locks.request.bind(locks) as (...args: unknown[]) => Promise<unknown>
locks.request = async (name: string, ...rest: unknown[]) => {
  if (name.startsWith(`${self.name}/worker/`)) await new Promise((done) => setTimeout(done, 300))
  return request(name, ...rest)
}

serve({ panels: { errors: ['errors'] } })
