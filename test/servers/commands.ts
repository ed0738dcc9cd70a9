import type { BrowserCommand } from 'vitest/node'
import { checkMatrix, type Passed } from './matrix.ts'
import { missingServers, type ServerName } from './programs.ts'
import { createRunningServer, type RunningServer } from './running.ts'

/** Commands that tests of real servers run in the Node process. */

const servers = new Map<ServerName, Promise<RunningServer & { readonly url: string }>>()

async function begin(name: ServerName) {
  const server = await createRunningServer(name)
  await server.start()
  return server
}

/** Starts a server, once for all tests. Returns its address. */
const realServerStart: BrowserCommand<[name: ServerName]> = async (_, name) => {
  const starting = servers.get(name) ?? begin(name)
  servers.set(name, starting)
  return (await starting).url
}

const realServerCall: BrowserCommand<[name: ServerName, method: string, args: unknown[]]> = async (
  _,
  name,
  method,
  args,
) => {
  const server = (await servers.get(name)) as unknown as Record<string, (...args: unknown[]) => unknown>
  return server[method]?.(...args)
}

const realServersMissing: BrowserCommand<[]> = () => missingServers()

const matrixCheck: BrowserCommand<[guarantees: readonly string[], passed: Passed]> = (
  _,
  guarantees,
  passed,
) => checkMatrix(guarantees, passed)

export const serverCommands = { realServerStart, realServerCall, realServersMissing, matrixCheck }
