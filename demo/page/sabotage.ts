import { SABOTAGE, type Sabotage } from '../worker/sabotage.ts'

/** Breaks the worker, which listens for this. */
export function sabotage(what: Sabotage): void {
  const channel = new BroadcastChannel(SABOTAGE)
  channel.postMessage(what)
  channel.close()
}
