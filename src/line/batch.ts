import type { Batch, Brief } from '../../shared/wire'

/** The events of a batch. The cast holds because a page says in its hello that it reads text, so it never gets `WireEvent`s. */
export const readBatch = (batch: Batch): readonly Brief[] =>
  typeof batch === 'string' ? JSON.parse(batch) : (batch as readonly Brief[])
