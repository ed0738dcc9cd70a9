/** The protocol's version, a part of the worker's name. A change that an older page or worker would misread raises it. */
export const PROTOCOL = 1

/** The base of the names of worker, locks and database. It differs for each user and each protocol version. */
export const baseName = (user: string): string => `partyline/${PROTOCOL}/${encodeURIComponent(user)}`

/** The worker's name. A worker that hangs or was replaced keeps its name, so the next one takes the name of a later generation. */
export const workerName = (base: string, generation: number): string =>
  generation === 0 ? base : `${base}/${generation}`

/** The generation in a worker's name. */
export const generationOf = (worker: string): number => Number(worker.split('/')[3] ?? 0)

/** The base name of a worker's name. All generations have the same: they share the database and the tabs' locks. */
export const baseOf = (worker: string): string => worker.split('/').slice(0, 3).join('/')

/** A unique id. `crypto.randomUUID` is missing on plain http. */
export const freshId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')

/** A panel as messages name it: its name, then its parameters. */
export type PanelRef = readonly [name: string, ...params: string[]]

/** A panel as a string, to compare by: equal if name and parameters are equal. */
export const keyOf = (ref: PanelRef): string => JSON.stringify(ref)
