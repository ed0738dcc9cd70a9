import { bench } from 'vitest'
import { createRecords } from '../../worker/persistence/records'
import { createRooms } from '../../worker/rooms/rooms'
import { emptyOutbox } from './tabs'

const TABS = 400

const stored = Array.from({ length: TABS }, (_, index) => [
  `tab-${index}`,
  { panels: [['overview'], ['workflow', String(index % 40)]], at: Date.now() },
]) as [string, object][]

const roomsOf = ([name, ...params]: readonly string[]) => [[name, ...params].join('/'), 'stats']

/** Restores the records of the previous worker's tabs, as a new worker does once it has read them. */
bench(`restore ${TABS} records of tabs`, async () => {
  const records = createRecords({
    load: async () => stored,
    save: async () => {},
    clear: async () => true,
    isWritten: async () => true,
    isPersistent: () => true,
    close: () => {},
  })
  const outbox = emptyOutbox()
  const rooms = createRooms({
    linger: 1000,
    join: () => true,
    unanswered: () => {},
    leave: () => {},
    changed: () => {},
    gap: () => {},
    dropped: () => {},
  })
  const { tabs } = await records.loaded
  for (const [tab, { panels }] of tabs) {
    for (const ref of panels) outbox.keep(tab, ref, roomsOf(ref), Date.now())
    rooms.hold(tab, outbox.rooms(tab))
  }
})
