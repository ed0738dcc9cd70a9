import type { KeptMessage, KeptOutcome } from '../../shared/kept'
import { list, number, object, optional, text } from '../checks'
import { KEPT } from './records'
import type { Key, Store } from './store'

/** A kept message in the database. This is the only record that has a payload. */
export interface KeptRecord extends KeptMessage {
  /** The lock of the worker that sends it. Absent where there are no locks. */
  readonly owner?: string
}

/** An outcome in the database, under the key that its message had. It stays until a page has handled it. */
export type OutcomeRecord = Pick<KeptOutcome, 'id' | 'name' | 'outcome' | 'reason'>

/** What a worker hands over to the one that serves after it. */
export interface KeptHandover {
  readonly messages: readonly KeptMessage[]
  readonly outcomes: readonly OutcomeRecord[]
}

/** The records of kept messages, and of the outcomes that no page knows yet. */
export interface KeptRecords {
  /** All messages, the oldest first, and all outcomes. Nothing where the database cannot be read. */
  load(): Promise<{ readonly messages: readonly KeptRecord[]; readonly outcomes: readonly OutcomeRecord[] }>
  /** Resolves as `isWritten` does. */
  write(record: KeptRecord | OutcomeRecord): Promise<boolean | undefined>
  remove(id: string): Promise<void>
  /** As that of `Store`. */
  isWritten(id: string): Promise<boolean | undefined>
  /** Writes nothing more, because another worker owns the records. Of what waits, the store writes only removals. */
  seal(): void
}

const keptKey = (id: string): Key => [KEPT, id]

const NAMED = { id: text(), name: text() }
const isKeptRecord = object({ ...NAMED, at: number(), owner: optional(text()) })
const isOutcomeRecord = object({ ...NAMED, outcome: text(), reason: optional(text()) })

const isHandover = object({ messages: list(isKeptRecord), outcomes: list(isOutcomeRecord) })
export const isKeptHandover = (value: unknown): value is KeptHandover => isHandover(value)

export function createKeptRecords(store: Store): KeptRecords {
  let isSealed = false
  const remove = (id: string) => store.save(keptKey(id), undefined)
  return {
    async load() {
      const found = (await store.load()).filter(([key]) => key[0] === KEPT)
      const messages: KeptRecord[] = []
      const outcomes: OutcomeRecord[] = []
      for (const [key, record] of found) {
        if (isOutcomeRecord(record)) outcomes.push(record as OutcomeRecord)
        else if (isKeptRecord(record)) messages.push(record as KeptRecord)
        else void store.save(key, undefined)
      }
      return { messages: messages.sort((a, b) => a.at - b.at), outcomes }
    },
    async write(record) {
      const key = keptKey(record.id)
      if (isSealed) return false
      await store.save(key, record)
      return store.isWritten(key)
    },
    remove,
    isWritten: (id) => store.isWritten(keptKey(id)),
    seal() {
      isSealed = true
    },
  }
}
