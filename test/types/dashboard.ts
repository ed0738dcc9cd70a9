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
// @ts-expect-error: a room that has no payload type
serve({ rooms: {} as Rooms, panels: { overview: ['stats', 'activitee'] } })
// @ts-expect-error: parameters are strings
serve({ panels: { workflow: (id: number) => [`adw-state/${id}`] } })
// @ts-expect-error: an option that does not exist
serve({ panels: { overview: ['stats'] }, retries: 3 })
// @ts-expect-error: a retry timing that does not exist
serve({ panels: { overview: ['stats'] }, retry: { max: 10 } })

export const served: Served<{ readonly fixed: readonly ['stats'] }, Record<string, unknown>> = serve({
  panels: { fixed: ['stats'] },
})
