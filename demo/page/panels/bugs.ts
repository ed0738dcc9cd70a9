import { createStages, type Stage } from './stages.ts'
import type { MakeView } from './view.ts'

const OPEN: readonly Stage[] = [
  { name: 'Critical', tone: 'bad', value: ({ bugs: all }) => all.critical },
  { name: 'Major', tone: 'two', value: ({ bugs: all }) => all.major },
  { name: 'Minor', tone: 'one', value: ({ bugs: all }) => all.minor },
]
const FIXED: Stage = { name: 'Fixed', tone: 'three', value: ({ bugs: all }) => all.fixed }

export const bugs: MakeView = (logs) => createStages(logs, 'bugs', 'Open bugs', [...OPEN, FIXED], OPEN)
