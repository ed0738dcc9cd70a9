import { sabotage } from '../sabotage.ts'
import type { Fault } from './fault.ts'
import { dataGoOn, madeGood, newWorker, oneSocket, staysUp } from './steps.ts'

/** What can go wrong beneath the pages. */
async function wipe() {
  const names = (await indexedDB.databases())
    .map(({ name = '' }) => name)
    .filter((name) => name.startsWith('partyline/'))
  await Promise.all(
    names.map(
      (name) =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase(name)
          request.onsuccess = resolve
          request.onerror = () => reject(request.error)
        }),
    ),
  )
}

export const WORKER: readonly Fault[] = [
  {
    id: 'kill-worker',
    label: 'Kill the worker',
    promise: 'Another one takes over and goes on with the session. No tab has to do anything.',
    act: () => sabotage({ type: 'kill' }),
    steps: [
      newWorker,
      { what: 'Live again', seen: ({ now, events }) => now.status.state === 'online' && events > 0 },
      madeGood,
      oneSocket,
    ],
    within: 15,
  },
  {
    id: 'hang-worker',
    label: 'Hang the worker',
    promise: 'Noticed within 6 s and left behind. When it wakes it closes itself: one socket again.',
    act: ({ seconds }) => sabotage({ type: 'hang', seconds }),
    steps: [
      newWorker,
      { what: 'Live again', seen: ({ now, events }) => now.status.state === 'online' && events > 0 },
      madeGood,
      oneSocket,
    ],
    within: 25,
    seconds: 12,
  },
  {
    id: 'wipe',
    label: 'Wipe the database',
    promise: 'Delivery does not wait for a database. What is to be kept is written anew.',
    act: wipe,
    steps: [
      dataGoOn,
      { what: 'The database is written anew', seen: ({ now }) => now.databases.length > 0 },
      staysUp(0),
    ],
    within: 12,
  },
]
