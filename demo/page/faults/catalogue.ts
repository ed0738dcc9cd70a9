import type { Kind } from '../../server/counts.ts'
import { CONNECTION_FAULTS } from './connection-faults.ts'
import { DEPLOYMENT_FAULTS } from './deployment-faults.ts'
import type { Group } from './fault.ts'
import { SERVER_FAULTS } from './server-faults.ts'
import { TAB_FAULTS } from './tab-faults.ts'
import { WORKER_FAULTS } from './worker-faults.ts'

const GROUPS: readonly Group[] = [
  { name: 'Connection', faults: CONNECTION_FAULTS },
  { name: 'Server', faults: SERVER_FAULTS },
  { name: 'Deployment', faults: DEPLOYMENT_FAULTS },
  { name: 'Worker and storage', faults: WORKER_FAULTS },
  { name: 'Tabs', faults: TAB_FAULTS },
]

/** All faults, in the order of the panel, with what should happen on this kind of server. */
export const groupsFor = (kind: Kind): readonly Group[] =>
  kind === 'socketIo'
    ? GROUPS
    : GROUPS.map(({ name, faults }) => ({
        name,
        faults: faults.map((fault) => ({ ...fault, ...fault.websocket })),
      }))
