import type { PartylineError } from '../../shared/errors'
import type { ReloadOrder } from '../../shared/status'
import type { ToTab } from '../../shared/wire'
import type { Outbox } from '../delivery/outbox'

/** Messages for all tabs, also for pages that were frozen or in the back/forward cache and come back later. */
export interface Announcements {
  signOut(): void
  reload(order: ReloadOrder): void
  /** The version endpoint gives no versions. Pages that come later get this, too, until it gives one. */
  versionUnreadable(error: PartylineError): void
  versionReadable(): void
  /** Returns the sign-out if a page that has heard nothing for `quietFor` ms missed it. A new page missed none. */
  missedSignOut(quietFor: number | undefined): ToTab | undefined
  /** What else such a page missed. */
  missed(quietFor: number | undefined): readonly ToTab[]
}

interface Announcement {
  /** By `performance.now()`, which nobody sets. */
  readonly at: number
  readonly message: ToTab
}

export function createAnnouncements(outbox: Outbox): Announcements {
  let signOut: Announcement | undefined
  let reload: Announcement | undefined
  let unreadable: Announcement | undefined

  function announce(message: ToTab): Announcement {
    outbox.postAll(message)
    return { at: performance.now(), message }
  }

  const after = (announcement: Announcement | undefined, quietFor: number): readonly ToTab[] =>
    announcement && quietFor > performance.now() - announcement.at ? [announcement.message] : []

  return {
    signOut() {
      signOut = announce({ type: 'signout' })
    },
    reload(order) {
      reload = announce({ type: 'reload', order })
    },
    versionUnreadable(error) {
      unreadable = announce({ type: 'error', error: error.toJSON() })
    },
    versionReadable() {
      unreadable = undefined
    },
    missedSignOut: (quietFor = 0) => after(signOut, quietFor)[0],
    missed: (quietFor) => [
      ...after(reload, quietFor ?? 0),
      ...after(unreadable, quietFor ?? Number.POSITIVE_INFINITY),
    ],
  }
}
