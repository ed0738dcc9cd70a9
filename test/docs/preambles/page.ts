interface Stats {
  cpu: number
}
interface ErrorRow {
  id: string
  message: string
}
interface Rooms {
  stats: Stats
  errors: ErrorRow
  activity: { who: string }
  [adw: `adw-state/${string}`]: { step: number }
}
type Dashboard = import('partyline').Served<
  {
    readonly overview: readonly ['stats', 'activity']
    readonly errors: readonly ['errors', 'stats']
    readonly workflow: (id: string) => readonly [`adw-state/${string}`, 'stats']
  },
  Rooms
>
declare const line: import('partyline').Line<Dashboard>
declare function render(...what: unknown[]): void
declare const startWorker: import('partyline').Factory
