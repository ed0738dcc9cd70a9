import type { Acknowledgement, ErrorRow } from './rooms.ts'

/** Where acknowledgements are kept. */
export interface AcknowledgementStore {
  /** Keeps it, unless its error has one already. Resolves with the one that the error has. */
  add(acknowledgement: Acknowledgement): Promise<Acknowledgement>
  /** The latest ones, at most `ACKNOWLEDGEMENTS`. */
  all(): Promise<readonly Acknowledgement[]>
}

/** How many acknowledgements are kept. */
export const ACKNOWLEDGEMENTS = 500

/** Keeps acknowledgements in memory. `save` gets each new one, so that the next server has it in `saved`. */
export function createStore(
  saved: readonly Acknowledgement[],
  save: (acknowledgement: Acknowledgement) => void,
): AcknowledgementStore {
  const byRow = new Map(saved.map((each) => [each.row, each]))
  return {
    async add(acknowledgement) {
      const { row } = acknowledgement
      const first = byRow.get(row)
      if (first) return first
      byRow.set(row, acknowledgement)
      for (const [oldest] of byRow) if (byRow.size > ACKNOWLEDGEMENTS) byRow.delete(oldest)
      save(acknowledgement)
      return acknowledgement
    },
    all: async () => [...byRow.values()],
  }
}

export interface AcknowledgementParts {
  readonly store: AcknowledgementStore
  readonly find: (row: string) => ErrorRow | undefined
  /** An error was acknowledged for the first time. */
  readonly onNew: (row: ErrorRow) => void
}

const NOT_A_REQUEST = 'An acknowledgement needs the id of an error, and that of the tab.'
const NO_SUCH_ERROR = 'There is no such error, or it is too old.'

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 64

const withAcknowledgement = (row: ErrorRow, acknowledged: Acknowledgement): ErrorRow => ({
  ...row,
  revision: 1,
  acknowledged,
})

/** Acknowledges errors. A page that did not get the answer asks again: an error is acknowledged once, and the first one counts. */
export function createAcknowledgements({ store, find, onNew }: AcknowledgementParts) {
  let repeats = 0
  return {
    /** How many requests were for errors that were acknowledged already. */
    repeats: () => repeats,
    count: async () => (await store.all()).length,
    /** Answers the request of a page, which may have sent anything. */
    async answer(request: unknown): Promise<Acknowledgement | { readonly error: string }> {
      const { row, tab } = (request ?? {}) as { readonly row?: unknown; readonly tab?: unknown }
      if (!isId(row) || !isId(tab)) return { error: NOT_A_REQUEST }
      const found = find(row)
      if (!found) return { error: NO_SUCH_ERROR }
      const mine = { row, at: Date.now(), tab }
      const first = await store.add(mine)
      if (first === mine) onNew(withAcknowledgement(found, mine))
      else repeats += 1
      return first
    },
    /** Adds what was acknowledged to the errors of a time, and the earlier errors that were acknowledged in that time. */
    async mergeInto(rows: readonly ErrorRow[], from: number, to: number): Promise<ErrorRow[]> {
      const byRow = new Map((await store.all()).map((each) => [each.row, each]))
      const merged = rows.map((row) => {
        const acknowledged = byRow.get(row.id)
        byRow.delete(row.id)
        return acknowledged ? withAcknowledgement(row, acknowledged) : row
      })
      const earlier = [...byRow.values()].flatMap((each) => {
        const row = each.at >= from && each.at <= to ? find(each.row) : undefined
        return row ? [withAcknowledgement(row, each)] : []
      })
      return [...earlier, ...merged]
    },
  }
}

export type Acknowledgements = ReturnType<typeof createAcknowledgements>
