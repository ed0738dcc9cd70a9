import { type Served, serve } from 'partyline/worker'

interface Rooms {
  stats: { cpu: number }
  errors: { message: string }
  activity: { who: string }
  [adw: `adw-state/${string}`]: { step: number }
}

const switchboard = serve({
  rooms: {} as Rooms,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    search: (...words: string[]) => words.map((word) => `adw-state/${word}` as const),
  },
})
export type Dashboard = typeof switchboard

const loose = serve({ panels: { any: (room: string) => [room], fixed: ['stats'] } })
export type Loose = typeof loose

// Programs that must not compile.

// @ts-expect-error: no panels
serve({})
// A mistake in the table is reported on its own line, so each directive stands above its mistake.
serve({
  rooms: {} as Rooms,
  panels: {
    overview: ['stats'],
    errors: [
      'errors',
      // @ts-expect-error: a room that has no payload type
      'statss',
    ],
    // @ts-expect-error: a room that has no payload type
    activity: ['activitee'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    // @ts-expect-error: a room that has no payload type
    typo: (id: string) => [`adw-stat/${id}`, 'stats'],
    // @ts-expect-error: parameters are strings
    number: (id: number) => [`adw-state/${id}`],
  },
})
serve({
  panels: {
    overview: ['stats'],
    // @ts-expect-error: parameters are strings
    workflow: (id: number) => [`adw-state/${id}`],
    // @ts-expect-error: a list of rooms, or a function that returns one
    errors: 'errors',
  },
})
serve({
  rooms: {} as Rooms,
  panels: { overview: ['stats'] },
  // @ts-expect-error: an option that does not exist
  reload: 10,
})
// @ts-expect-error: an option that does not exist
serve({ panels: { overview: ['stats'] }, retries: 3 })
// @ts-expect-error: a retry timing that does not exist
serve({ panels: { overview: ['stats'] }, retry: { max: 10 } })

export const served: Served<{ readonly fixed: readonly ['stats'] }, Record<string, unknown>> = serve({
  panels: { fixed: ['stats'] },
})
