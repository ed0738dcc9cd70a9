import type { FaultContext } from './fault.ts'

/** Asks the server to cause a fault in itself. */
export async function breakServer(name: string, { seconds, count }: FaultContext) {
  const response = await fetch(`/api/faults/${name}?seconds=${seconds}&count=${count}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
}
