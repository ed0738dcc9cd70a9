import type { Batch, Brief } from '../../shared/wire'

/** The events of a batch, whichever way it came: pages that read text are told in brief. */
export const readBatch = (batch: Batch): readonly Brief[] =>
  typeof batch === 'string' ? JSON.parse(batch) : (batch as readonly Brief[])
