import type { Stage } from './fault.ts'

/** Asks the server to break something. */
export async function server(name: string, { seconds, count }: Stage) {
  const response = await fetch(`/api/faults/${name}?seconds=${seconds}&count=${count}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
}
