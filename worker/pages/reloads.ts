import type { State } from '../../shared/status'
import type { Outbox } from '../delivery/outbox'
import type { Guard } from '../dialect/guard'
import type { Recorder } from '../recorder'
import { reloadIneffective, versionUnreadable } from '../reload/errors'
import { createOrders, type Orders } from '../reload/orders'
import { createVersionPoll, type VersionSettings } from '../reload/version-poll'
import type { Announcements } from './announcements'
import { shortId } from './tabs'

/** A version that differs is looked at again after this many ms, up to twice as many. */
const CONFIRM = 700

export interface ReloadsParts {
  readonly version: VersionSettings | undefined
  readonly reloadAfter: number | undefined
  readonly guarded: Guard
  readonly recorder: Recorder
  readonly outbox: Outbox
  readonly announcements: Announcements
  /** The status of a tab has changed. */
  readonly onStatus: (tab: string) => void
}

/** Polls the deployed version, and orders the pages to reload that run another one. */
export interface Reloads extends Omit<Orders, 'seen'> {
  /** The connection's state changed. */
  turned(state: State): void
  /** No tab is left: nothing is polled any more. */
  rest(): void
  /** A page said hello that runs this version: where the last one seen differs, the endpoint is asked again. */
  compare(version: string | undefined): void
}

export function createReloads(parts: ReloadsParts): Reloads {
  const { version, guarded, recorder, outbox, announcements } = parts

  const orders = createOrders({
    reloadAfter: parts.reloadAfter,
    give(tab, order, remembered) {
      recorder.count('reloads')
      recorder.note({ what: 'reload-given', tab: shortId(tab), ...order })
      outbox.post(tab, { type: 'reload', order, ...remembered })
    },
    remind: (tab, remembered) => outbox.post(tab, { type: 'orders', ...remembered }),
    confirm: () => poll?.look(Math.min(version?.every ?? CONFIRM, CONFIRM + Math.random() * CONFIRM)),
    ineffective(tab, ordered) {
      outbox.post(tab, { type: 'error', error: reloadIneffective(ordered).toJSON() })
      parts.onStatus(tab)
    },
  })

  const poll =
    version &&
    createVersionPoll({
      ...version,
      read: (body) => guarded('version', body)?.said,
      asked: () => recorder.count('polls'),
      answered(deployed, answeringFor) {
        announcements.versionReadable()
        recorder.polled({ version: deployed })
        orders.seen(deployed, answeringFor)
      },
      failed: (error) => recorder.polled({ error }),
      unreadable(what) {
        const error = versionUnreadable(version.url, what)
        console.warn(`[partyline] ${error.message}`)
        announcements.versionUnreadable(error)
      },
    })

  return {
    ...orders,
    turned: (state) => poll?.turned(state),
    rest: () => poll?.rest(),
    compare(own) {
      const seen = recorder.version()?.version
      if (own !== undefined && seen !== undefined && own !== seen) poll?.look(0)
    },
  }
}
