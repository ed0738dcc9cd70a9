import type { Line } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import type { Dashboard } from './dashboard.worker'
import type { Bench } from './setup'

/** A line, and what a test can make happen to it. When a promise resolves, its effect may not have arrived yet. */
export interface LineUnderTest {
  readonly line: Line<Dashboard>
  /** The server sends `{ n }` to a room. */
  emit(room: Room, n: number): Promise<unknown>
  /** Breaks the connection. What is sent to the rooms from then on cannot be recovered. */
  lose(): Promise<unknown>
  comeBack(): Promise<unknown>
  /** Accepts the handshake. A real server does so by itself. */
  accept(): Promise<unknown>
  /** From now on the server answers messages of this name so. */
  answer(name: 'alarm:ack', answer: unknown): unknown
  /** The payloads of the messages that the server got. */
  got(): Promise<readonly unknown[]>
  /** The server orders all pages to reload. */
  order(message: string): Promise<unknown>
}

export type Room = 'stats' | 'errors' | 'activity'

/** The panels of the dashboard. The server denies `secret`. */
const PANELS = {
  errors: ['errors', 'stats'],
  overview: ['stats', 'activity'],
  vault: ['secret', 'stats'],
} as const

async function openReal(bench: Bench): Promise<LineUnderTest> {
  const server = await bench.server({ forbidden: ['secret'] })
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 }, grace: 300 })
  return {
    line: bench.line(),
    emit: (room, n) => server.emit(room, 'row', { room, n }),
    lose: () => server.stop(),
    comeBack: () => server.start(),
    accept: async () => {},
    answer: (name, value) => server.answer(name, { value }),
    got: async () => (await server.messages()).map(({ payload }) => payload),
    order: (message) => server.broadcast('reload', { message }),
  }
}

async function openFake(): Promise<LineUnderTest> {
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
    answer: (name, answer) => fake.answer(name, () => answer as never),
    got: async () => fake.sent().map(({ payload }) => payload),
    order: (message) => fake.reload({ message }),
  }
}

/** A real line with a worker and a server, and the fake line of `partyline/testing`. */
export const LINES_UNDER_TEST = [
  ['a real line', openReal],
  ['a fake line', openFake],
] as const
