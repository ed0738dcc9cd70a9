import { breakWorker } from './break-worker.ts'
import { databaseNames } from './databases.ts'
import type { Fault } from './fault.ts'
import { eventsContinue, noExtraSocket, nothingLost, staysConnected, workerReplaced } from './steps.ts'

/** Deletes Partyline's databases. */
async function deleteDatabases() {
  await Promise.all(
    (await databaseNames()).map(
      (name) =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase(name)
          request.onsuccess = resolve
          request.onerror = () => reject(request.error)
        }),
    ),
  )
}

export const WORKER_FAULTS: readonly Fault[] = [
  {
    id: 'kill-worker',
    label: 'Kill the worker',
    expected: 'A new worker takes over and continues the session. No tab has to do anything.',
    run: () => breakWorker({ type: 'kill' }),
    steps: [
      workerReplaced,
      { label: 'Online again', check: ({ now, events }) => now.status.state === 'online' && events > 0 },
      nothingLost,
      noExtraSocket,
    ],
    websocket: {
      expected: 'A new worker takes over, and the page fetches the missed events. No tab has to do anything.',
    },
    within: 15,
  },
  {
    id: 'hang-worker',
    label: 'Hang the worker',
    expected:
      'The tabs notice within 6 s and start a new worker. The old one closes itself when it runs again, so no extra socket stays.',
    run: ({ seconds }) => breakWorker({ type: 'hang', seconds }),
    steps: [
      workerReplaced,
      { label: 'Online again', check: ({ now, events }) => now.status.state === 'online' && events > 0 },
      nothingLost,
      noExtraSocket,
    ],
    within: 25,
    seconds: 12,
  },
  {
    id: 'wipe',
    label: 'Wipe the database',
    expected: 'Events are delivered without a database. The worker writes its records again.',
    run: deleteDatabases,
    steps: [
      eventsContinue,
      { label: 'The database is written again', check: ({ now }) => now.databases.length > 0 },
      staysConnected(0),
    ],
    within: 12,
  },
]
