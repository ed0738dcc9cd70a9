import { expect } from 'vitest'
import { sendFrom } from '../support/send'
import { isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }
const received = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

test('a link of the app for all rooms - one connection, and after a restart the wanted rooms are joined again', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  bench.serve({ url: await server.url(), ...QUICK }, 'link')
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 1 } })
  await expect.poll(() => received(tab)).toEqual([1])
  await server.stop()
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await server.start()
  await isLive(tab)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 2 } })
  await expect.poll(() => received(tab)).toEqual([1, 'link', 2])
  expect((await server.state()).rooms).toEqual([['errors', 'stats']])
  expect(await sendFrom(tab, 'note', { n: 3 })).toEqual({ answer: { got: { n: 3 } } })
})

test('a link of the app for each room - a connection per wanted room, whose events need not name it', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  bench.serve({ url: await server.url(), isPerRoom: true, ...QUICK }, 'link')
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  expect((await server.state()).rooms.toSorted()).toEqual([['errors'], ['stats']])
  await server.emit('errors', { type: 'row', data: { n: 1 } })
  await expect.poll(() => received(tab)).toEqual([1])
  expect(await tab.run(({ events }) => events[0]?.room)).toBe('errors')
  expect(await sendFrom(tab, 'note', { room: 'stats' })).toEqual({ answer: { got: { room: 'stats' } } })
  const [message] = await server.messages()
  expect((await server.state()).connections[message?.connection ?? 0]?.rooms).toEqual(['stats'])
})
