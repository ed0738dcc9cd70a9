import type { Name } from '../address.ts'
import { bugs } from './bugs.ts'
import { errors } from './errors.ts'
import { features } from './features.ts'
import { nodes } from './nodes.ts'
import { overview } from './overview.ts'
import { queue } from './queue.ts'
import { tmux } from './tmux.ts'
import { vault } from './vault.ts'
import type { MakeView } from './view.ts'
import { workflow } from './workflow.ts'

export const VIEWS: Record<Name, MakeView> = {
  overview,
  errors,
  tmux,
  queue,
  nodes,
  features,
  bugs,
  workflow,
  vault,
}
