import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { createTestServer } from '../support/server'
import { install } from './app-folder'
import type { App } from './apps'
import { driveTabs, visit } from './drive'
import { editFiles } from './edits'
import { freePort, openReverseProxy } from './reverse-proxy'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Installs, builds and serves an app beside a Socket.IO server, and opens it in two tabs. Returns a summary for the report. */
export async function tryApp(app: App, browser: Browser, folder: string, tarball: string): Promise<string> {
  const installed = await install(here(app.folder), folder, tarball, app.versions)
  if (existsSync(join(folder, 'node_modules/partyline/node_modules'))) {
    throw new Error('npm installed second copies of dependencies in node_modules/partyline/node_modules.')
  }
  for (const command of app.build) await installed.run(command)
  const server = createTestServer({ recovery: true })
  const socketPort = Number(new URL(await server.start()).port)
  const port = await freePort()
  let slowest: number | undefined
  const pages = 'command' in app.pages ? installed.serve(app.pages.command(port)) : undefined
  try {
    await pages?.waitForOutput(new RegExp(`:${port}\\b`))
    const proxy = await openReverseProxy(
      'files' in app.pages ? join(folder, app.pages.files) : port,
      socketPort,
    )
    try {
      if (app.rendered !== undefined) {
        const html = await (await fetch(proxy.url)).text()
        if (!html.includes(app.rendered))
          throw new Error(`The server's HTML does not contain ${app.rendered}:\n${html}`)
      }
      if (app.development) await visit(browser, proxy.url)
      await driveTabs(browser, proxy.url, server)
      if (app.development) {
        const worker = join(folder, app.development.worker)
        slowest = await editFiles(browser, proxy.url, { ...app.development, worker }, server)
      }
    } finally {
      await proxy.close()
    }
    const output = pages?.output() ?? ''
    if (/error/i.test(output)) throw new Error(`The app's server printed an error:\n${output}`)
    const edits = slowest === undefined ? '' : `; six edits, each in force within ${slowest} ms`
    return `two tabs, one socket, no errors${edits}`
  } finally {
    await pages?.stop()
    await server.stop()
  }
}
