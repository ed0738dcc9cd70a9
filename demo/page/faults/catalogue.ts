import type { Group } from './fault.ts'
import { CONNECTION } from './of-connection.ts'
import { DEPLOYMENT } from './of-deployment.ts'
import { SERVER } from './of-server.ts'
import { TABS } from './of-tabs.ts'
import { WORKER } from './of-worker.ts'

/** All faults, in the order of the panel. */
export const GROUPS: readonly Group[] = [
  { name: 'Connection', faults: CONNECTION },
  { name: 'Server', faults: SERVER },
  { name: 'Deployment', faults: DEPLOYMENT },
  { name: 'Worker and storage', faults: WORKER },
  { name: 'Tabs', faults: TABS },
]
