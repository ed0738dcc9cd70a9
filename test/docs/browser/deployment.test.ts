import { expect, onTestFinished } from 'vitest'
import { overlapsAndHoles } from '../../support/connection-times'
import { type Bench, isLive, type Tab, test } from '../../support/setup'
import type { BuildName, DeploymentOptions } from './deployment'
import { nodeCommands } from './node-commands'

/** Deploys real builds of an app to a static server. Its pages are open all the time, and get 100 events a second. */

const ROOMS = ['stats', 'errors'] as const

async function start(bench: Bench, options: Omit<DeploymentOptions, 'server'>) {
  const server = await bench.server({ recovery: true })
  const url = (await nodeCommands.docsDeploymentStart({ server: await server.url(), ...options })) as string
  onTestFinished(() => nodeCommands.docsDeploymentsStop() as Promise<void>)

  const sent = { stats: 0, errors: 0 }
  let stream: ReturnType<typeof setInterval> | undefined
  onTestFinished(() => clearInterval(stream))

  return {
    server,
    deploy: (build: BuildName) => nodeCommands.docsDeploy(url, build),
    async open(user = bench.id) {
      const tab = await bench.visit(`${url}/?${user}`)
      await isLive(tab, 'overview')
      return tab
    },
    /** Sends 100 events a second, to the rooms by turns. Those of each room are numbered. */
    stream() {
      let turn = 0
      stream = setInterval(() => {
        turn += 1
        const room = turn % 2 === 0 ? 'stats' : 'errors'
        sent[room] += 1
        void server.emitMany(room, 'row', sent[room], sent[room])
      }, 10)
    },
    /** Resolves once this many more events were sent. */
    async more(count: number) {
      const total = () => sent.stats + sent.errors
      const before = total()
      await expect.poll(total).toBeGreaterThanOrEqual(before + count)
    },
    /** Stops the stream. All tabs must have received all events once and in order, no gap and no error. */
    async expectAll(tabs: readonly Tab[]) {
      clearInterval(stream)
      const all = Object.fromEntries(ROOMS.map((room) => [room, count(sent[room])]))
      for (const tab of tabs) {
        await expect.poll(() => received(tab)).toEqual({ ...all, gaps: [], errors: [], state: 'online' })
      }
    },
    /** There was at most one connection at any time, and after each of the changes a new one that continued the session. */
    async expectOneSocket(changes: number) {
      const { connections } = await server.state()
      const { overlaps, holes } = overlapsAndHoles(connections)
      expect(overlaps).toEqual([])
      expect(holes).toHaveLength(changes)
      expect(Math.max(...holes)).toBeLessThan(1000)
      expect(connections.slice(1).every(({ recovered }) => recovered)).toBe(true)
    },
  }
}

const count = (to: number) => Array.from({ length: to }, (_, index) => index + 1)

/** What a tab received, its earlier pages included. */
const received = (tab: Tab) =>
  tab.run(
    ({ receivedByTab, log, line }, rooms) => {
      const all = receivedByTab()
      const events = all.flatMap((each) => ('cause' in each ? [] : [each]))
      return {
        ...Object.fromEntries(
          rooms.map((name) => [
            name,
            events.filter(({ room }) => room === name).map(({ data }) => (data as { n: number }).n),
          ]),
        ),
        gaps: all.flatMap((each) => ('cause' in each ? [each.cause] : [])),
        errors: log.error.map(({ message }) => message),
        state: line.status.state,
      }
    },
    [...ROOMS],
  )

/** The build that serves a tab. */
const buildOf = (tab: Tab) =>
  tab.run(async ({ line }) => {
    const { address = '', text = '' } = (await line.inspect()).build ?? {}
    return { address, text }
  })

const answer = { kept: [200, 'text/javascript'], missing: [404, null], page: [200, 'text/html'] }

/** How many tabs are open, by what becomes of the old files. */
const TABS = { kept: 3, missing: 10, page: 3 }

for (const others of ['kept', 'missing', 'page'] as const) {
  test(`a build with hashed names is deployed, files of the old one are ${others === 'page' ? 'answered with the page' : others} - it serves ${TABS[others]} tabs over one connection, and no event is lost`, async ({
    bench,
  }) => {
    const app = await start(bench, { hashed: true, others })
    const tabs: Tab[] = []
    while (tabs.length < TABS[others]) tabs.push(await app.open())
    const [first] = tabs as [Tab]
    const before = await buildOf(first)
    app.stream()
    await app.more(50)
    await app.deploy('two')
    const old = await first.run(async (_, address) => {
      const { status, headers } = await fetch(address, { cache: 'reload' })
      return [status, headers.get('content-type')]
    }, before.address)
    expect(old).toEqual(answer[others])
    const next = await app.open()
    await isLive(next, 'alarms')
    const after = await buildOf(next)
    expect(after.address).not.toBe(before.address)
    for (const tab of tabs) await expect.poll(() => buildOf(tab)).toEqual(after)
    await app.more(100)
    await app.expectAll(tabs)
    await app.expectOneSocket(1)
  })
}

test('a build with hashed names is rolled back - the old one serves all tabs again when the page reloads', async ({
  bench,
}) => {
  const app = await start(bench, { hashed: true, others: 'missing' })
  const tabs = [await app.open(), await app.open()]
  const [first] = tabs as [Tab]
  const one = await buildOf(first)
  app.stream()
  await app.more(50)
  await app.deploy('two')
  const next = await app.open()
  for (const tab of tabs) await expect.poll(() => buildOf(tab)).not.toEqual(one)
  await app.deploy('one')
  await next.reload()
  await isLive(next, 'overview')
  for (const tab of [...tabs, next]) await expect.poll(() => buildOf(tab)).toEqual(one)
  await app.more(100)
  await app.expectAll(tabs)
  await app.expectOneSocket(2)
})

test('builds without hashes, and browsers may cache the worker - a page that loads brings the deployed one to all tabs, and a rollback as well', async ({
  bench,
}) => {
  const app = await start(bench, { hashed: false, others: 'missing' })
  const tabs = [await app.open(), await app.open()]
  const [first] = tabs as [Tab]
  const one = await buildOf(first)
  app.stream()
  await app.more(50)
  await app.deploy('two')
  const next = await app.open()
  await isLive(next, 'alarms')
  const two = await buildOf(next)
  expect(two.address).toBe(one.address)
  expect(two.text).not.toBe(one.text)
  for (const tab of tabs) await expect.poll(() => buildOf(tab)).toEqual(two)
  await app.more(50)
  await app.deploy('one')
  await next.reload()
  for (const tab of [...tabs, next]) await expect.poll(() => buildOf(tab)).toEqual(one)
  await app.more(50)
  await app.expectAll(tabs)
  await app.expectOneSocket(2)
})

test('the browser has cached the worker of the build before - it starts, and the deployed one takes over at once', async ({
  bench,
}) => {
  const app = await start(bench, { hashed: false, others: 'missing' })
  const one = await buildOf(await app.open())
  await app.deploy('two')
  const next = await app.open(`another user than ${bench.id}`)
  await isLive(next, 'alarms')
  await expect.poll(async () => (await buildOf(next)).text).not.toBe(one.text)
  const { timeline } = await next.run(({ line }) => line.inspect())
  expect(timeline).toContainEqual(expect.objectContaining({ what: 'took-over', address: one.address }))
})
