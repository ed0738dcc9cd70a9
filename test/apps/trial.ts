import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright'
import { createTestServer } from '../support/server'
import type { App } from './apps'
import { driveTabs } from './drive'
import { freePort, openFront } from './front'
import { install } from './workshop'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Installs, builds and serves an app beside a Socket.IO server, and opens it in two tabs. Returns what was seen. */
export async function tryApp(app: App, browser: Browser, folder: string, tarball: string): Promise<string> {
  const workshop = await install(here(app.folder), folder, tarball, app.versions)
  if (existsSync(join(folder, 'node_modules/partyline/node_modules'))) {
    throw new Error('npm installed second copies of dependencies in node_modules/partyline/node_modules.')
  }
  for (const command of app.build) await workshop.run(command)
  const server = createTestServer({ recovery: true })
  const socketPort = Number(new URL(await server.start()).port)
  const port = await freePort()
  const pages = 'command' in app.pages ? workshop.serve(app.pages.command(port)) : undefined
  try {
    await pages?.hear(new RegExp(`:${port}\\b`))
    const front = await openFront('files' in app.pages ? join(folder, app.pages.files) : port, socketPort)
    try {
      if (app.rendered !== undefined) {
        const html = await (await fetch(front.url)).text()
        if (!html.includes(app.rendered)) throw new Error(`The server rendered no ${app.rendered}:\n${html}`)
      }
      await driveTabs(browser, front.url, server)
    } finally {
      await front.close()
    }
    const said = pages?.said() ?? ''
    if (/error/i.test(said)) throw new Error(`Its server said:\n${said}`)
    return 'two tabs, one socket, no complaint'
  } finally {
    await pages?.stop()
    await server.stop()
  }
}
