import type { Served } from 'partyline'

/** The dashboard that the examples of docs/frameworks.md speak of. */

interface Rooms {
  stats: { cpu: number }
  errors: { id: string; message: string }
  activity: { who: string }
}

export type Dashboard = Served<
  { readonly overview: readonly ['stats', 'activity']; readonly errors: readonly ['errors', 'stats'] },
  Rooms
>
