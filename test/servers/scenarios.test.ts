import { describe, expect } from 'vitest'
import { isLive, type Tab } from '../support/setup'
import { KINDS } from './kinds'
import { missing, test } from './server'

const kindOf = (name: string) => {
  const kind = KINDS.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`There is no kind of server "${name}".`)
  return kind
}
async function eventsOf(tab: Tab, count: number) {
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(count)
  return tab.run(({ events }) => events)
}
async function isToldOnce(tab: Tab, message: string) {
  const orders = () => tab.run(({ log }) => log.reload)
  await expect.poll(orders).toEqual([{ reason: 'broadcast', message }])
  // Long enough for a copy that came over another connection.
  await new Promise((done) => setTimeout(done, 200))
  expect(await orders()).toHaveLength(1)
}
const state = (tab: Tab) => tab.run(({ line }) => line.status.state)

describe.skipIf(missing['Django Channels'])('Django Channels', () => {
  test('a JWT expires: 4401 - one refresh, back, nothing twice', async ({ start }) => {
    const server = await start(kindOf('Django Channels'))
    await server.set({ token_life: 10 })
    server.serve({ tokenUrl: `${server.url}/token` })
    const tab = await server.page({ panels: ['errors'] })
    await isLive(tab)
    await server.set({ token_life: 60 })
    await server.emit('errors', 'row', { n: 1 })
    await expect.poll(async () => (await server.state()).handshakes.length, { timeout: 40_000 }).toBe(2)
    await isLive(tab)
    await expect.poll(() => server.rooms()).toEqual(['errors', 'stats'])
    await server.emit('errors', 'row', { n: 2 })
    await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ n: 1 }, { n: 2 }])
    const { handshakes, issued, asked } = await server.state()
    expect(issued).toBe(2)
    expect(new Set(handshakes).size).toBe(2)
    expect(asked.toSorted()).toEqual(['join errors', 'join errors', 'join stats', 'join stats'])
    expect(await tab.run(({ log }) => log.status.map((status) => status.state))).not.toContain('unauthorized')
    expect(await tab.run(({ log }) => log.error)).toEqual([])
  })
})

describe.skipIf(missing.FastAPI)('FastAPI', () => {
  test('one of the endpoints answers 403 before accept - the others are live, one is denied, no storm', async ({
    start,
  }) => {
    const server = await start(kindOf('FastAPI, an endpoint per room'))
    await server.set({ denied: ['stats'] })
    const tab = await server.page({ panels: ['errors', 'overview', 'tmux'] })
    await isLive(tab, 'tmux')
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('denied')
    await expect.poll(() => server.rooms()).toEqual(['activity', 'errors', 'tmux'])
    expect(await state(tab)).toBe('online')
    const { handshakes } = await server.state()
    // Three rooms are accepted, and one is refused: once more with a token that might have been a fresh one.
    expect(handshakes).toHaveLength(5)
    await new Promise((done) => setTimeout(done, 700))
    expect((await server.state()).handshakes).toHaveLength(5)
  })
})

for (const name of ['Socket.IO', 'Flask-SocketIO', 'FastAPI, one WebSocket']) {
  const kind = kindOf(name)
  describe.skipIf(missing[kind.server])(`messages to ${name}`, () => {
    test('1,000 messages from five tabs over one socket - each is answered in its own tab', async ({
      start,
    }) => {
      const server = await start(kind)
      const tabs = [await server.page()]
      for (let n = 1; n < 5; n += 1) tabs.push(await server.frame())
      for (const tab of tabs) await expect.poll(() => state(tab)).toBe('online')
      const answers = await Promise.all(
        tabs.map((tab, index) =>
          tab.run(
            ({ line }, own) =>
              Promise.all(
                Array.from({ length: 200 }, (_, n) =>
                  line.send('echo' as never, { tab: own, n } as never, { timeout: 20_000 }),
                ),
              ),
            index,
          ),
        ),
      )
      expect(answers).toEqual(tabs.map((_, tab) => Array.from({ length: 200 }, (_, n) => ({ tab, n }))))
      expect(await server.connections()).toBe(1)
      const { messages } = await server.state()
      expect(messages).toHaveLength(1000)
      expect(new Set(messages.map((message) => JSON.stringify(message))).size).toBe(1000)
    })
  })
}

describe.skipIf(missing['Action Cable'])('Ruby', () => {
  const message = 'Version 2 is deployed.'

  test('a Ruby server that broadcasts {type, payload} orders a reload - every tab is told once', async ({
    start,
  }) => {
    const server = await start({ ...kindOf('FastAPI, an endpoint per room'), server: 'Action Cable' })
    const tabs = [await server.page({ panels: ['errors'] }), await server.frame()]
    await isLive(tabs[0] as Tab)
    await server.emit('errors', 'row', { n: 1 })
    const [event] = await eventsOf(tabs[0] as Tab, 1)
    expect(event).toMatchObject({ room: 'errors', name: 'row', data: { type: 'row', payload: { n: 1 } } })
    await server.broadcast({ type: 'reload', payload: { message } })
    for (const tab of tabs) await isToldOnce(tab, message)
  })

  test('Action Cable broadcasts {type: "reload", payload: {message}} to each of three channels - every tab is told once', async ({
    start,
  }) => {
    const server = await start(kindOf('Action Cable'))
    const tabs = [await server.page({ panels: ['errors', 'overview'] }), await server.frame()]
    await isLive(tabs[0] as Tab)
    await isLive(tabs[0] as Tab, 'overview')
    await server.broadcast({ type: 'reload', payload: { message } })
    for (const tab of tabs) await isToldOnce(tab, message)
  })
})
