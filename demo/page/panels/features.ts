import { createStages, type Stage } from './stages.ts'
import type { MakeView } from './view.ts'

const OPEN: readonly Stage[] = [
  { name: 'Planned', tone: 'two', value: ({ features }) => features.planned },
  { name: 'Building', tone: 'one', value: ({ features }) => features.building },
  { name: 'In review', tone: 'wait', value: ({ features }) => features.review },
]
const SHIPPED: Stage = { name: 'Shipped', tone: 'three', value: ({ features }) => features.shipped }

export const features: MakeView = (logs) =>
  createStages(logs, 'cards', 'On the board', [...OPEN, SHIPPED], OPEN)
