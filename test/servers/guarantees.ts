import { expect } from 'vitest'
import { sendFrom } from '../support/send'
import { isLive, type Tab } from '../support/setup'
import type { Guarantee } from './kinds'
import type { Desk } from './server'

/** How each guarantee is tested, on any kind of server. */

const state = (tab: Tab) => tab.run(({ line }) => line.status.state)
/** Events by their number, and gaps by their rooms. */
const received = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) => ('cause' in each ? [...each.rooms] : (each.data as { n: number }).n)),
  )
/** The numbers of the events, without gaps. */
const numbers = async (tab: Tab) => (await received(tab)).filter((each) => typeof each === 'number')

const send = (server: Desk, room: string, n: number) => server.emit(room, 'row', { n })

async function isOffline(tab: Tab) {
  await expect.poll(() => state(tab)).not.toBe('online')
}

/** How many connections a dashboard with these rooms needs. */
const needed = ({ kind }: Desk, rooms: readonly string[]) => (kind.isPerRoom ? rooms.length : 1)

async function hasExactly(server: Desk, rooms: readonly string[]) {
  await expect.poll(() => server.rooms()).toEqual(rooms)
  await expect.poll(() => server.connections()).toBe(needed(server, rooms))
}

/** The tab's rooms are joined again after a loss. */
async function isBack(server: Desk, tab: Tab, panel: string, rooms: readonly string[]) {
  await expect.poll(() => server.rooms()).toEqual(rooms)
  await isLive(tab, panel)
}

/** The server refuses every token, and accepts the user later. */
async function refused(server: Desk, refuses: 'before' | 'after') {
  const { kind, url } = server
  await server.set({ tokens: ['another'], refuses })
  server.serve({ tokenUrl: `${url}/token`, ...(kind.isProbed && { probe: `${url}/me` }) })
  const tab = await server.page({ panels: ['tmux'] })
  await expect.poll(() => state(tab)).toBe('unauthorized')
  expect((await server.state()).handshakes).toEqual(['token-1', 'token-2'])
  // Long enough for another attempt.
  await new Promise((done) => setTimeout(done, 700))
  expect((await server.state()).handshakes).toHaveLength(2)
  await server.set({ tokens: null })
  await tab.run(({ line }) => line.retry())
  await isLive(tab, 'tmux')
  await hasExactly(server, ['tmux'])
}

export const GUARANTEES: Readonly<Record<Guarantee, (server: Desk) => Promise<void>>> = {
  async 'one connection for all tabs'(server) {
    const tabs = [await server.page({ panels: ['errors', 'overview'] })]
    for (const panels of [['errors'], ['overview', 'errors']]) tabs.push(await server.frame({ panels }))
    for (const tab of tabs) await isLive(tab)
    await hasExactly(server, ['activity', 'errors', 'stats'])
    await send(server, 'errors', 1)
    for (const tab of tabs) {
      await expect.poll(() => numbers(tab)).toEqual([1])
      if (!server.kind.isReopened) expect(await received(tab)).toEqual([1])
    }
  },

  async 'rooms after a reload and after the end of the worker'(server) {
    const tab = await server.page({ panels: ['errors'] })
    await isLive(tab)
    await tab.reload()
    await isLive(tab)
    await hasExactly(server, ['errors', 'stats'])
    const { handshakes } = await server.state()
    server.endWorker()
    await expect
      .poll(async () => (await server.state()).handshakes.length)
      .toBe(handshakes.length + needed(server, ['errors', 'stats']))
    await isBack(server, tab, 'errors', ['errors', 'stats'])
    await send(server, 'errors', 1)
    await expect.poll(() => numbers(tab)).toEqual([1])
  },

  async 'exactly the rooms of the current panels after a reconnect'(server) {
    const tab = await server.page({ panels: ['overview', 'errors'] })
    await isLive(tab)
    await isLive(tab, 'overview')
    await server.kill()
    await isOffline(tab)
    await tab.run(({ stops, subscribe }) => {
      stops[0]?.()
      subscribe('tmux')
    })
    await server.start()
    const rooms = ['errors', 'stats', 'tmux']
    await isBack(server, tab, 'tmux', rooms)
    await isLive(tab)
    await hasExactly(server, rooms)
    expect((await server.state()).asked.toSorted()).toEqual(rooms.map((room) => `join ${room}`))
  },

  async 'keepalives never reach a tab'(server) {
    const tab = await server.page({ panels: ['errors'] })
    await isLive(tab)
    await send(server, 'errors', 1)
    await expect.poll(() => received(tab)).toEqual([1])
    const posts = await tab.run(({ posts }) => posts())
    const { keepalives } = await server.set({ keepalive: 0.02 })
    await expect.poll(async () => (await server.state()).keepalives).toBeGreaterThan(keepalives + 20)
    await server.set({ keepalive: null })
    expect(await tab.run(({ posts }) => posts())).toBe(posts)
    await send(server, 'errors', 2)
    await expect.poll(() => received(tab)).toEqual([1, 2])
  },

  async 'reload by broadcast'(server) {
    const tabs = [await server.page({ panels: ['errors'] }), await server.frame({ panels: ['tmux'] })]
    await isLive(tabs[0] as Tab)
    await isLive(tabs[1] as Tab, 'tmux')
    await server.broadcast({ type: 'reload', payload: { message: 'new version' } })
    for (const tab of tabs)
      await expect
        .poll(() => tab.run(({ log }) => log.reload))
        .toEqual([{ reason: 'broadcast', message: 'new version' }])
  },

  async 'reload by version'(server) {
    server.serve({ version: { url: `${server.url}/version` } })
    const tab = await server.page({ panels: ['tmux'], connect: { version: 'v1' } })
    await isLive(tab, 'tmux')
    await server.set({ version: 'v2' })
    await server.close(1012)
    await expect.poll(() => tab.run(({ log }) => log.reload)).toEqual([{ reason: 'version', version: 'v2' }])
  },

  async 'a fresh token for each handshake'(server) {
    server.serve({ tokenUrl: `${server.url}/token` })
    await server.set({ tokens: ['token-1', 'token-2'] })
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    await server.close(1012)
    await expect.poll(async () => (await server.state()).handshakes).toEqual(['token-1', 'token-2'])
    await isBack(server, tab, 'tmux', ['tmux'])
    expect((await server.state()).issued).toBe(2)
  },

  async 'a token that expires: one refresh, nothing twice'(server) {
    server.serve({ tokenUrl: `${server.url}/token` })
    await server.set({ tokens: ['token-1'] })
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    await send(server, 'tmux', 1)
    await expect.poll(() => received(tab)).toEqual([1])
    await server.set({ tokens: ['token-2'] })
    await server.close(4401)
    await expect.poll(async () => (await server.state()).handshakes).toEqual(['token-1', 'token-2'])
    await isBack(server, tab, 'tmux', ['tmux'])
    await send(server, 'tmux', 2)
    await expect.poll(() => numbers(tab)).toEqual([1, 2])
    expect(await state(tab)).toBe('online')
    expect((await server.state()).issued).toBe(2)
  },

  'refused before accept': (server) => refused(server, 'before'),

  'refused after accept': (server) => refused(server, 'after'),

  async 'a half-open connection is noticed'(server) {
    if (!server.kind.hasOwnKeepalives) {
      server.serve({ keepalive: { every: 1000, misses: 2 } })
      await server.set({ keepalive: 0.1 })
    }
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    await server.freeze()
    try {
      await isOffline(tab)
    } finally {
      await server.thaw()
    }
    await isLive(tab, 'tmux')
    await hasExactly(server, ['tmux'])
  },

  async 'gaps are announced'(server) {
    const tab = await server.page({ panels: ['errors'] })
    await isLive(tab)
    await send(server, 'errors', 1)
    await expect.poll(() => received(tab)).toEqual([1])
    await server.kill()
    await isOffline(tab)
    await server.start()
    await isBack(server, tab, 'errors', ['errors', 'stats'])
    await send(server, 'errors', 2)
    await expect.poll(async () => (await received(tab)).at(-1)).toBe(2)
    const all = await received(tab)
    expect(all.filter((each) => typeof each === 'number')).toEqual([1, 2])
    expect(all.slice(1, -1).flat().toSorted()).toEqual(['errors', 'stats'])
  },

  async 'recovered without a gap'(server) {
    // Time enough for an event while there is no connection.
    const retry = { first: 1000, every: 300 }
    server.serve({ retry, ...(server.kind.canResume && { resumes: true }) })
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    await send(server, 'tmux', 1)
    await expect.poll(() => received(tab)).toEqual([1])
    await server.close(1012)
    await send(server, 'tmux', 2)
    await isBack(server, tab, 'tmux', ['tmux'])
    await send(server, 'tmux', 3)
    await expect.poll(() => received(tab)).toEqual([1, 2, 3])
  },

  async 'sign-out'(server) {
    const tabs = [await server.page({ panels: ['errors'] }), await server.frame({ panels: ['errors'] })]
    for (const tab of tabs) await isLive(tab)
    await tabs[0]?.run(({ line }) => line.signOut())
    for (const tab of tabs) await expect.poll(() => state(tab)).toBe('closed')
    await expect.poll(() => server.connections()).toBe(0)
    const { handshakes } = await server.state()
    await new Promise((done) => setTimeout(done, 500))
    expect((await server.state()).handshakes).toEqual(handshakes)
  },

  async 'a message is answered, refused, or told as unanswered'(server) {
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    expect(await sendFrom(tab, 'echo', { n: 1 })).toEqual({ answer: { n: 1 } })
    expect(await sendFrom(tab, 'refuse', { n: 2 })).toEqual({ reason: 'refused', message: 'not allowed' })
    expect(await sendFrom(tab, 'ignore', { n: 3 }, { timeout: 300 })).toMatchObject({ reason: 'unanswered' })
    const messages = ['echo', 'refuse', 'ignore'].map((name, index) => [name, { n: index + 1 }])
    expect((await server.state()).messages).toEqual(messages)
  },

  async 'the server dies: a message that has left is told as unanswered, and a later one as not sent'(
    server,
  ) {
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    const messages = async () => (await server.state()).messages
    const left = server.kind.isUnanswered ? undefined : sendFrom(tab, 'ignore', { n: 1 }, { timeout: 60_000 })
    if (left) await expect.poll(messages).toEqual([['ignore', { n: 1 }]])
    await server.kill()
    if (left) expect(await left).toMatchObject({ reason: 'unanswered' })
    await isOffline(tab)
    expect(await sendFrom(tab, 'echo', { n: 2 })).toMatchObject({ reason: 'not-sent' })
    await server.start()
    await isBack(server, tab, 'tmux', ['tmux'])
    expect(await sendFrom(tab, 'echo', { n: 3 })).not.toHaveProperty('reason')
    await expect.poll(messages).toEqual([['echo', { n: 3 }]])
  },

  async 'a kept message arrives after an outage, once and in order'(server) {
    const tab = await server.page({ panels: ['tmux'] })
    await isLive(tab, 'tmux')
    const keep = async (n: number) =>
      expect(await sendFrom(tab, 'echo', { n }, { keep: true })).toEqual({
        answer: { kept: expect.any(String) },
      })
    const arrived = async () =>
      (await server.state()).messages.map(([, payload]) => (payload as { n: number }).n)
    const outcomes = () => tab.run(({ log }) => log.kept.map(({ outcome, answer }) => [outcome, answer]))
    await server.kill()
    await isOffline(tab)
    for (const n of [1, 2, 3]) await keep(n)
    await server.start()
    await expect.poll(arrived).toEqual([1, 2, 3])
    // These arrive, and are not answered. The server answers them when they come again.
    await server.set({ answers: false })
    for (const n of [4, 5]) await keep(n)
    await expect.poll(arrived).toEqual([1, 2, 3, 4, 5])
    await server.set({ answers: true })
    await server.close(1012)
    await expect.poll(outcomes).toEqual([1, 2, 3, 4, 5].map((n) => ['acknowledged', { n }]))
    expect(await arrived()).toEqual([1, 2, 3, 4, 5])
    expect((await server.state()).repeats).toBe(2)
  },
}
