import type { Status } from '../../shared/status'
import type { Outbox } from '../delivery/outbox'
import type { Home } from '../home'
import type { Connection } from '../link/connection'
import type { Recorder } from '../recorder'
import type { Reloads } from './reloads'
import type { Tabs } from './tabs'

/** The status of the connection, as tabs get it. */
export interface Statuses {
  current(): Status
  post(tab: string): void
  postAll(): void
}

export interface StatusesParts {
  readonly home: Home
  readonly connection: Pick<Connection, 'status'>
  readonly isPersistent: () => boolean
  /** How many kept messages are not acknowledged yet. */
  readonly unsent: () => number
  readonly recorder: Recorder
  readonly reloads: Pick<Reloads, 'ineffective'>
  readonly tabs: Tabs
  readonly outbox: Outbox
}

export function createStatuses({
  home,
  connection,
  isPersistent,
  unsent,
  recorder,
  reloads,
  tabs,
  outbox,
}: StatusesParts): Statuses {
  function current(): Status {
    const rtt = recorder.link().roundTrips.at(-1)?.ms
    const kept = unsent()
    return {
      ...connection.status(),
      ...(rtt !== undefined && { rtt }),
      ...(kept > 0 && { unsent: kept }),
      shared: home.shared,
      persistent: isPersistent(),
    }
  }

  function postTo(tab: string, status: Status) {
    const outdated = reloads.ineffective(tab)
    outbox.post(tab, { type: 'status', status: { ...status, ...(outdated !== undefined && { outdated }) } })
  }

  return {
    current,
    post: (tab) => postTo(tab, current()),
    postAll() {
      const status = current()
      for (const tab of tabs.list()) postTo(tab, status)
    },
  }
}
