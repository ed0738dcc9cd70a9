import type { Line } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import type { Dashboard } from './dashboard.worker'
import type { Bench } from './setup'

/** A line, and what a test can have happen to it. Nothing needs to have arrived when a promise resolves. */
export interface Subject {
  readonly line: Line<Dashboard>
  /** The server sends `{ n }` to a room. */
  emit(room: Room, n: number): Promise<unknown>
  /** The connection breaks, and what the rooms are sent from then on cannot be recovered. */
  lose(): Promise<unknown>
  comeBack(): Promise<unknown>
  /** The server accepts the handshake, as a real one does by itself. */
  accept(): Promise<unknown>
  /** The server orders all pages to reload. */
  order(message: string): Promise<unknown>
}

export type Room = 'stats' | 'errors' | 'activity'

/** What the dashboard's table says. The server keeps `secret`. */
const PANELS = {
  errors: ['errors', 'stats'],
  overview: ['stats', 'activity'],
  vault: ['secret', 'stats'],
} as const

async function openReal(bench: Bench): Promise<Subject> {
  const server = await bench.server({ forbidden: ['secret'] })
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 }, grace: 300 })
  return {
    line: bench.line(),
    emit: (room, n) => server.emit(room, 'row', { room, n }),
    lose: () => server.stop(),
    comeBack: () => server.start(),
    accept: async () => {},
    order: (message) => server.broadcast('reload', { message }),
  }
}

async function openFake(): Promise<Subject> {
  const { line, ...fake } = createFakeLine<Dashboard>({ ready: false })
  await fake.ready()
  await fake.setStatus({ state: 'online' })
  await fake.setRooms('errors', { errors: 'live', stats: 'live' })
  await fake.setRooms('overview', { stats: 'live', activity: 'live' })
  await fake.setRooms('vault', { stats: 'live' })
  await fake.deny('vault', 'secret')
  return {
    line,
    emit(room, n) {
      const event = { name: 'row', data: { room, n } }
      return room === 'errors'
        ? fake.push('errors', { ...event, room })
        : fake.push('overview', { ...event, room })
    },
    lose: () => fake.setStatus({ state: 'offline' }),
    async comeBack() {
      const names = fake.panels().flatMap((panel) => PANELS[panel as keyof typeof PANELS])
      await fake.setStatus({ state: 'online' })
      await fake.gap({ rooms: [...new Set(names)] })
    },
    accept: () => fake.setStatus({ state: 'online' }),
    order: (message) => fake.reload({ message }),
  }
}

/** A real line, with a worker and a server, and the fake one of `partyline/testing`. */
export const SUBJECTS = [
  ['a real line', openReal],
  ['a fake line', openFake],
] as const
