import type { Served } from 'partyline'

/** The dashboard of the examples in docs/frameworks.md. */

interface Rooms {
  stats: { cpu: number }
  errors: { id: string; message: string }
  activity: { who: string }
}

export type Dashboard = Served<
  { readonly overview: readonly ['stats', 'activity']; readonly errors: readonly ['errors', 'stats'] },
  Rooms
>
