import type { BrowserContext } from 'playwright'
import type { BrowserCommand } from 'vitest/node'
import { channelServer } from '../servers/channels.ts'
import { type ChatKind, type ChatServer, chatKinds, startChat } from '../servers/chat.ts'
import { errorServer } from '../servers/errors.ts'
import { flaskPython, flaskServer } from '../servers/flask.ts'
import type { DialectServer } from '../servers/listening.ts'
import { numberedServer } from '../servers/numbered.ts'
import { phoenixServer } from '../servers/phoenix.ts'
import { type BuildName, type Deployment, type DeploymentOptions, startDeployment } from './deployment.ts'
import { followMigration } from './migration.ts'
import { followQuickStart } from './quick-start.ts'
import { type Visit, visitSite } from './site.ts'
import { visitSubPath, type Way } from './sub-path.ts'
import { followTestingPage } from './testing.ts'

/** Commands that the browser tests of the docs run in the Node process. */

const KINDS = {
  channels: channelServer,
  errors: errorServer,
  flask: flaskServer,
  numbered: numberedServer,
  phoenix: phoenixServer,
}
export type ServerKind = keyof typeof KINDS

const servers = new Map<string, DialectServer>()

function get(url: string): DialectServer {
  const server = servers.get(url)
  if (!server) throw new Error(`there is no server at ${url}`)
  return server
}

const docsServerStart: BrowserCommand<[kind: ServerKind]> = async (_, kind) => {
  const server = await KINDS[kind]()
  servers.set(server.url, server)
  return server.url
}

const docsServerPublish: BrowserCommand<[url: string, room: string, data: unknown]> = async (
  _,
  url,
  room,
  data,
) => void (await get(url).publish(room, data))

const docsServerAsked: BrowserCommand<[url: string]> = (_, url) => get(url).asked()

const docsServersStop: BrowserCommand<[]> = async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()))
  servers.clear()
}

const docsHasFlask: BrowserCommand<[]> = () => flaskPython() !== undefined

const chats = new Map<string, ChatServer>()

const docsChatKinds: BrowserCommand<[]> = () => chatKinds()

const docsChatStart: BrowserCommand<[kind: ChatKind]> = async (_, kind) => {
  const chat = await startChat(kind)
  chats.set(chat.url, chat)
  return chat.url
}

const docsChatTexts: BrowserCommand<[url: string]> = (_, url) => chats.get(url)?.texts()

const docsChatStop: BrowserCommand<[url: string]> = async (_, url) => {
  await chats.get(url)?.stop()
  chats.delete(url)
}

/** Returns the browser context that Playwright adds to a command's context. */
const browserOf = (context: object) => (context as { readonly context: BrowserContext }).context

const docsQuickStart: BrowserCommand<[]> = (context) => followQuickStart(browserOf(context))

const docsMigration: BrowserCommand<[]> = (context) => followMigration(browserOf(context))

const docsVisits: BrowserCommand<[visits: readonly Visit[]]> = (context, visits) =>
  visitSite(browserOf(context), visits)

const docsSubPath: BrowserCommand<[way: Way]> = (context, way) => visitSubPath(browserOf(context), way)

const docsTestingPage: BrowserCommand<[]> = () => followTestingPage()

const deployments = new Map<string, Deployment>()

const docsDeploymentStart: BrowserCommand<[options: DeploymentOptions]> = async (_, options) => {
  const deployment = await startDeployment(options)
  deployments.set(deployment.url, deployment)
  return deployment.url
}

const docsDeploy: BrowserCommand<[url: string, build: BuildName]> = (_, url, build) =>
  deployments.get(url)?.deploy(build)

const docsDeploymentsStop: BrowserCommand<[]> = async () => {
  await Promise.all([...deployments.values()].map((deployment) => deployment.stop()))
  deployments.clear()
}

export const docsCommands = {
  docsChatKinds,
  docsChatStart,
  docsChatStop,
  docsChatTexts,
  docsServerStart,
  docsServerPublish,
  docsServerAsked,
  docsServersStop,
  docsDeploymentStart,
  docsDeploy,
  docsDeploymentsStop,
  docsHasFlask,
  docsMigration,
  docsQuickStart,
  docsSubPath,
  docsTestingPage,
  docsVisits,
}
