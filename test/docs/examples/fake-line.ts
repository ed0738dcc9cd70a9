import type { LineEvents } from 'partyline'
import type { ErrorLine } from './error-list'

type Listener = (event: never) => void

/** A line that says what a test tells it to. */
export function createFakeLine() {
  const listeners = new Map<string, Set<Listener>>()

  function listen(to: string, listener: Listener): () => void {
    const all = listeners.get(to) ?? new Set()
    listeners.set(to, all.add(listener))
    return () => void all.delete(listener)
  }
  const tell = (to: string, event: object) => {
    for (const listener of listeners.get(to) ?? []) listener(event as never)
  }

  // Typed by what the code under test takes: when that or the library changes, this no longer compiles.
  const line: ErrorLine = {
    subscribe: (panel, listener) => listen(`panel ${panel}`, listener),
    on: (name, listener) => listen(`event ${name}`, listener),
  }

  return {
    line,
    /** Events of a panel. Those of a real line have a few fields more: give the ones your code reads. */
    send: (panel: string, event: { room: string; data: unknown; replayed?: boolean }) =>
      tell(`panel ${panel}`, { panel, name: event.room, at: Date.now(), replayed: false, ...event }),
    emit: <Name extends keyof LineEvents>(name: Name, event: LineEvents[Name]) =>
      tell(`event ${name}`, event as object),
    isHeard: () => [...listeners.values()].some((all) => all.size > 0),
  }
}
