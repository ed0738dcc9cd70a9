import { expect } from 'vitest'
import { commands } from 'vitest/browser'
import { test as base, type Tab } from '../support/setup'
import type { TabSettings } from '../support/tab'
import type { ServerKind } from './kinds'
import type { Passed } from './matrix'
import type { ServerName } from './programs'
import type { RunningServer } from './running'

/** The fixture of tests with real servers: starts a kind of server, and opens tabs of its dashboard. */

type Remote = {
  readonly [Name in keyof RunningServer]: (
    ...args: Parameters<RunningServer[Name]>
  ) => Promise<Awaited<ReturnType<RunningServer[Name]>>>
}
type NodeCommands = {
  realServerStart(name: ServerName): Promise<string>
  realServerCall(name: ServerName, method: string, args: unknown[]): Promise<never>
  matrixCheck(guarantees: readonly string[], passed: Passed): Promise<string | undefined>
  realServersMissing(): Promise<Partial<Record<ServerName, readonly string[]>>>
}
const nodeCommands = commands as unknown as NodeCommands

export const missing = await nodeCommands.realServersMissing()
export const checkMatrix = (guarantees: readonly string[], passed: Passed) =>
  nodeCommands.matrixCheck(guarantees, passed)

/** A server that was started, and dashboards on it. */
export interface Desk extends Remote {
  readonly url: string
  readonly kind: ServerKind
  /** Sets the options of `serve`, with a quick pace unless they say otherwise. */
  serve(options?: object): void
  /** Opens a page, or a frame, which is faster. */
  page(settings?: Partial<TabSettings>): Promise<Tab>
  frame(settings?: Partial<TabSettings>): Promise<Tab>
  endWorker(): void
  /** The rooms that are joined, one entry for each connection that has it. */
  rooms(): Promise<readonly string[]>
  /** How many connections are open. */
  connections(): Promise<number>
}

const QUICK = { retry: { first: 20, every: 300 }, grace: 2000 }

const remote = (name: ServerName): Remote =>
  new Proxy({} as Remote, {
    get: (_, method: string) =>
      method === 'then' ? undefined : (...args: unknown[]) => nodeCommands.realServerCall(name, method, args),
  })

export const test = base.extend<{ start: (kind: ServerKind) => Promise<Desk> }>({
  async start({ bench }, use) {
    const tabs: Tab[] = []
    let started: Remote | undefined
    const keep = (tab: Tab) => {
      tabs.push(tab)
      return tab
    }

    await use(async (kind) => {
      const url = await nodeCommands.realServerStart(kind.server)
      const server = remote(kind.server)
      started = server
      await server.reset()
      const serve = (options: object = {}) => bench.serve({ server: url, ...QUICK, ...options }, kind.file)
      serve()
      const { start, kill, freeze, thaw, set, reset, state, emit, broadcast, close } = server
      return {
        ...{ start, kill, freeze, thaw, set, reset, state, emit, broadcast, close },
        url,
        kind,
        serve,
        page: async (settings) => keep(await bench.page(settings)),
        frame: async (settings) => keep(await bench.frame(settings)),
        endWorker: () => bench.worker('die'),
        rooms: async () => (await server.state()).rooms.flat().toSorted(),
        connections: async () => (await server.state()).rooms.length,
      }
    })

    // The server is that of the next test as well.
    for (const tab of tabs) await tab.close()
    bench.worker('die')
    await expect.poll(async () => (await started?.state())?.rooms).toEqual([])
  },
})
