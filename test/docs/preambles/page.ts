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
interface Sends {
  'alarm:ack': (payload: { id: number }) => { by: string }
  'chat:send': (payload: { text: string }) => { number: number }
}
type Dashboard = import('partyline').Served<
  {
    readonly overview: readonly ['stats', 'activity']
    readonly errors: readonly ['errors', 'stats']
    readonly workflow: (id: string) => readonly [`adw-state/${string}`, 'stats']
  },
  Rooms,
  Sends
>
declare const line: import('partyline').Line<Dashboard>
declare function render(...what: unknown[]): void
declare const startWorker: import('partyline').Factory
