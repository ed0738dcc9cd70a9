import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserCommand, BrowserCommandContext } from 'vitest/node'
import type { EnginePage, Need, OwnBrowser } from '../engines/engine.ts'
import { engineOf } from '../engines/engine-of.ts'
import { edits } from './bundles.ts'
import { type CableServerOptions, type CableTestServer, createCableServer } from './cable-server.ts'
import { createFlakyProxy, type FlakyProxy } from './flaky-proxy.ts'
import { createTestServer, type TestServer, type TestServerOptions } from './server.ts'
import { createStreamServer, type StreamServerOptions, type StreamTestServer } from './stream-server.ts'
import {
  createWebSocketServer,
  type WebSocketServerOptions,
  type WebSocketTestServer,
} from './websocket-server.ts'

/** Commands that browser tests run in the Node process: servers, proxies and separate pages. */

/** What the tests of one project have started. Each project runs in its own browser, at the same time as the others. */
interface Resources {
  readonly servers: Map<number, TestServer | WebSocketTestServer | CableTestServer | StreamTestServer>
  readonly proxies: Map<number, FlakyProxy>
  readonly pages: Map<number, EnginePage>
  /** Browsers with profiles of their own, and the folders of these profiles. */
  readonly profiles: Map<number, { readonly folder: string; browser?: OwnBrowser | undefined }>
}

const resources = new Map<string, Resources>()
let ids = 0

function get<T>(things: ReadonlyMap<number, T>, id: number): T {
  const thing = things.get(id)
  if (thing === undefined) throw new Error(`nothing was started with the id ${id}`)
  return thing
}

function resourcesOf({ project }: BrowserCommandContext): Resources {
  const started = resources.get(project.name) ?? {
    servers: new Map(),
    proxies: new Map(),
    pages: new Map(),
    profiles: new Map(),
  }
  resources.set(project.name, started)
  return started
}

const invoke = (thing: object, method: string, args: unknown[]): unknown =>
  (thing as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args)

const serverStart: BrowserCommand<[options: TestServerOptions]> = async (context, options) => {
  const server = createTestServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const websocketStart: BrowserCommand<[options: WebSocketServerOptions]> = async (context, options) => {
  const server = createWebSocketServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const streamStart: BrowserCommand<[options: StreamServerOptions]> = async (context, options) => {
  const server = createStreamServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const cableStart: BrowserCommand<[options: CableServerOptions]> = async (context, options) => {
  const server = createCableServer(options)
  const url = await server.start()
  ids += 1
  resourcesOf(context).servers.set(ids, server)
  return { id: ids, url }
}

const serverCall: BrowserCommand<[id: number, method: string, args: unknown[]]> = (
  context,
  id,
  method,
  args,
) => invoke(get(resourcesOf(context).servers, id), method, args)

const proxyStart: BrowserCommand<[target: string]> = async (context, target) => {
  const proxy = createFlakyProxy(Number(new URL(target).port))
  const url = await proxy.start()
  ids += 1
  resourcesOf(context).proxies.set(ids, proxy)
  return { id: ids, url }
}

const proxyCall: BrowserCommand<[id: number, method: string]> = (context, id, method) =>
  invoke(get(resourcesOf(context).proxies, id), method, [])

const pageOpen: BrowserCommand<[url: string, need?: Need]> = async (context, url, need) => {
  const page = await engineOf(context).open(url, need)
  ids += 1
  resourcesOf(context).pages.set(ids, page)
  return ids
}

/** Makes a profile for a browser of its own. */
const profileMake: BrowserCommand<[]> = (context) => {
  ids += 1
  resourcesOf(context).profiles.set(ids, { folder: mkdtempSync(join(tmpdir(), 'partyline-profile-')) })
  return ids
}

/** Opens a page in the browser of a profile, which is started if it does not run. */
const profileOpen: BrowserCommand<[profile: number, url: string]> = async (context, id, url) => {
  const profile = get(resourcesOf(context).profiles, id)
  profile.browser ??= await engineOf(context).launch(profile.folder)
  const page = await profile.browser.open(url)
  ids += 1
  resourcesOf(context).pages.set(ids, page)
  return ids
}

/** Closes the browser of a profile, with its pages and workers. What they have stored stays. */
const profileClose: BrowserCommand<[profile: number]> = async (context, id) => {
  const profile = get(resourcesOf(context).profiles, id)
  await profile.browser?.close()
  profile.browser = undefined
}

const pageCall: BrowserCommand<[id: number, method: keyof EnginePage, args: unknown[]]> = (
  context,
  id,
  method,
  args,
) => invoke(get(resourcesOf(context).pages, id), method, args)

/** The worker files that are missing now: parts of their addresses. */
const missing = new Map<string, RegExp>()
export const isMissing = (url: string) => [...missing.values()].some((address) => address.test(url))

/** Removes a test's worker files, or the one of a build, as a deployment does, or restores them. */
const workerFile: BrowserCommand<[test: string, is: 'gone' | 'back', build?: string]> = (
  _,
  test,
  is,
  build = '.*',
) => {
  if (is === 'gone') missing.set(test, new RegExp(`[?&]test=${test}&.*&build=${build}$`))
  else missing.delete(test)
}

const workerEdit: BrowserCommand<[test: string, code: string]> = (_, test, code) => {
  edits.set(test, `${code};`)
}

const pageClose: BrowserCommand<[id: number]> = async (context, id) => {
  await get(resourcesOf(context).pages, id).close()
  resourcesOf(context).pages.delete(id)
}

/** Deletes the databases of this origin, as clearing the site's data does. */
const databasesWipe: BrowserCommand<[]> = (context) => engineOf(context).wipeDatabases()

/** Ends everything a test has started. */
const cleanUp: BrowserCommand<[]> = async (context) => {
  const { pages, profiles, proxies, servers } = resourcesOf(context)
  await Promise.all([...pages.values()].map((page) => page.close().catch(() => {})))
  for (const { browser, folder } of profiles.values()) {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  for (const proxy of proxies.values()) proxy.stop()
  await Promise.all([...servers.values()].map((server) => server.stop()))
  resources.delete(context.project.name)
}

export const commands = {
  serverStart,
  websocketStart,
  cableStart,
  streamStart,
  serverCall,
  proxyStart,
  proxyCall,
  pageOpen,
  profileMake,
  profileOpen,
  profileClose,
  pageCall,
  pageClose,
  workerEdit,
  workerFile,
  databasesWipe,
  cleanUp,
}
