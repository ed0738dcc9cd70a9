import type { ToTab } from '../../shared/wire'
import { createOutbox, type Outbox } from '../../worker/delivery/outbox'

/** An outbox without tabs. */
export const emptyOutbox = (): Outbox =>
  createOutbox({
    retain: 1,
    queue: 1000,
    count: () => {},
    warn: () => {},
    order: { first: () => undefined, isVisible: () => true, isMissing: () => false },
  })

/** An outbox with tabs that all show the room `feed`. Each acknowledges every post, and copies it as `postMessage` would. */
export function outboxOf(tabs: number): Outbox {
  const outbox = emptyOutbox()
  for (let index = 0; index < tabs; index += 1) {
    const tab = `tab-${index}`
    const deliver = (message: ToTab) => {
      structuredClone(message)
      outbox.took(tab)
    }
    outbox.attach(tab, Object.assign(deliver, { readsText: true }), [])
    outbox.open(tab, [{ ref: ['feed'], rooms: ['feed'], call: 1, since: undefined, reports: [] }])
  }
  return outbox
}
