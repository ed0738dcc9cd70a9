import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test, type WorkerFile } from '../support/setup'
import type { TabSettings } from '../support/tab'

/** Sites whose server is on the user's own machine, in a browser that asks the user before it lets a site go there. */

const PUBLIC = `http://plain.test:${location.port}`

/** The browser takes our pages for those of a public site on https. What is on other ports is still on this machine. */
async function onPublicSite(bench: Bench, setting: PermissionState, settings: Partial<TabSettings> = {}) {
  bench.needs('local network access')
  const browser = await bench.browser([
    `--ip-address-space-overrides=127.0.0.1:${location.port}=public`,
    `--unsafely-treat-insecure-origin-as-secure=${PUBLIC}`,
  ])
  const permit = (next: PermissionState) => browser.permit(PUBLIC, 'loopback-network', next)
  await permit(setting)
  return {
    permit,
    open: () => browser.page({ panels: ['errors'], host: 'plain.test', ...settings }),
  }
}

const shown = (tab: Tab) =>
  tab.run(({ line }) => [line.status.state, line.status.error?.reason, line.status.attempt])

const isBlocked = (tab: Tab, least = 1) =>
  expect
    .poll(async () => {
      const [state, reason, attempt] = await shown(tab)
      return state === 'offline' && reason === 'local-network' && Number(attempt) >= least
    })
    .toBe(true)

for (const [whose, settings] of [
  ['the shared worker', {}],
  ['a dedicated worker', { dedicated: true }],
] as const) {
  test(`${whose} of a public site has a server on this machine, and the user was not asked yet - the error says so once, and the answer connects at once`, async ({
    bench,
  }) => {
    const server = await bench.server()
    const url = await server.url()
    bench.serve({ url, retry: { first: 20, every: 50, jitter: 0 } })
    const { open, permit } = await onPublicSite(bench, 'prompt', settings)
    const tab = await open()
    await isBlocked(tab, 5)
    expect(await tab.run(({ line }) => line.status.error?.message)).toBe(
      `"${url}" cannot be reached. The browser may block it: this site's permission "loopback-network" is "prompt". ` +
        'Request this address from a page, by fetch(), so that the browser asks the user.',
    )
    const reported = () => tab.run(({ log }) => log.error.map(({ reason }) => reason))
    expect(await reported()).toEqual(['local-network'])
    expect((await server.state()).handshakes).toEqual([])
    await permit('granted')
    await isLive(tab)
    expect(await reported()).toEqual(['local-network'])
    expect(await tab.run(({ line }) => line.status.error)).toBeUndefined()
    await server.emitMany('errors', 'row', 1, 2)
    await expect.poll(() => tab.run(({ events }) => events.length)).toBe(2)
  })

  test(`${whose} of a public site waits for the next attempt when the user permits its server - it is made at once`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), retry: { first: 0, every: 60_000, jitter: 0 } })
    const { open, permit } = await onPublicSite(bench, 'denied', settings)
    const tab = await open()
    await isBlocked(tab, 2)
    const { message } = (await tab.run(({ line }) => line.status.error)) ?? {}
    expect(message).toContain('is "denied". Only the user can change that')
    const wait = () => tab.run(({ line }) => (line.status.nextTryAt ?? 0) - Date.now())
    await expect.poll(wait).toBeGreaterThan(40_000)
    await permit('granted')
    await isLive(tab)
  })
}

test('the server on this machine is away, and the user has permitted it - the link is lost, and nothing else is said', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  await server.stop()
  const { open } = await onPublicSite(bench, 'granted')
  const tab = await open()
  await expect.poll(async () => Number((await shown(tab))[2])).toBeGreaterThan(3)
  expect((await shown(tab)).slice(0, 2)).toEqual(['offline', 'link-lost'])
  await server.start()
  await isLive(tab)
  expect(await tab.run(({ log }) => log.error)).toEqual([])
})

test('a site on this machine has its server there, which is away - no permission is needed, so the link is lost', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  await server.stop()
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(async () => Number((await shown(tab))[2])).toBeGreaterThan(3)
  expect((await shown(tab)).slice(0, 2)).toEqual(['offline', 'link-lost'])
})

for (const [what, file, options] of [
  ['a plain WebSocket', 'websocket', (url: string) => ({ url })],
  ['a WebSocket for each room', 'websocket', (url: string) => ({ rooms: `${url}/room` })],
  ['a stream', 'stream', (url: string) => ({ url })],
  ['a stream for each room', 'stream', (url: string) => ({ url, endpoints: true })],
] as const satisfies readonly [string, WorkerFile, (url: string) => object][])
  test(`a public site has ${what} on this machine - it is told from a server that is away`, async ({
    bench,
  }) => {
    const server = await (file === 'stream' ? bench.streamServer() : bench.websocketServer())
    bench.serve({ ...options(await server.url()), retry: { first: 20, every: 50, jitter: 0 } }, file)
    const { open, permit } = await onPublicSite(bench, 'prompt')
    const tab = await open()
    await isBlocked(tab, 2)
    expect(await tab.run(({ log }) => log.error.map(({ reason }) => reason))).toEqual(['local-network'])
    await permit('granted')
    await isLive(tab)
  })
