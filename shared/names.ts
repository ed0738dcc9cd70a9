/** Raised with every change that an older page or worker would misunderstand. Part of the worker's name. */
export const PROTOCOL = 1

/** The name that keeps users and protocol versions apart: of the worker, and within it of locks and database. */
export const baseName = (user: string): string => `partyline/${PROTOCOL}/${encodeURIComponent(user)}`

/** A worker that hangs keeps its name, so the one that takes its place has another: that of the next generation. */
export const workerName = (base: string, generation: number): string =>
  generation === 0 ? base : `${base}/${generation}`

/** What generations share: database and locks of tabs. */
export const baseOf = (worker: string): string => worker.split('/').slice(0, 3).join('/')

/** An id that nobody else has. `crypto.randomUUID` is missing on plain http. */
export const freshId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')

/** A panel on the wire: its name and its parameters. */
export type PanelRef = readonly [name: string, ...params: string[]]

/** A panel's identity: equal for equal name and parameters. */
export const keyOf = (ref: PanelRef): string => JSON.stringify(ref)
