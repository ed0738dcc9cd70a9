import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import { packTarball } from '../../scripts/tarball'
import { createTestServer } from '../support/server'
import { APPS, type App } from './apps'
import { driveTabs } from './drive'
import { freePort, openFront } from './front'
import { install } from './workshop'

/**
 * `npm run test:apps`: packs the package, installs it in real apps, and opens each in two tabs of a real browser.
 * `npm run test:apps -- vite` tries those whose name begins so.
 */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const wanted = process.argv.slice(2)
const chosen = APPS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)))
if (chosen.length === 0) {
  console.error(`There is no such app. There are ${APPS.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'partyline-apps-'))
const tarball = packTarball(folder).path
const executablePath = findChromium()
const browser = await chromium.launch({
  ...(executablePath !== undefined && { executablePath }),
  args: CHROMIUM_ARGUMENTS,
})

async function tryApp(app: App): Promise<void> {
  const workshop = await install(here(app.folder), join(folder, app.name), tarball, app.versions)
  for (const command of app.build) await workshop.run(command)
  const server = createTestServer({ recovery: true })
  const socketPort = Number(new URL(await server.start()).port)
  const port = await freePort()
  const pages = 'command' in app.pages ? await workshop.serve(app.pages.command(port), port) : undefined
  const front = await openFront(
    'files' in app.pages ? join(workshop.folder, app.pages.files) : port,
    socketPort,
  )
  try {
    if (app.rendered !== undefined) {
      const html = await (await fetch(front.url)).text()
      if (!html.includes(app.rendered)) throw new Error(`The server rendered no ${app.rendered}:\n${html}`)
    }
    await driveTabs(browser, front.url, server)
    const said = pages?.said() ?? ''
    if (/error/i.test(said)) throw new Error(`Its server said:\n${said}`)
  } finally {
    await front.close()
    await pages?.stop()
    await server.stop()
  }
}

const failed: string[] = []
const started = Date.now()
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`
for (const app of chosen) {
  const since = Date.now()
  try {
    await tryApp(app)
    console.log(`✓ ${app.name.padEnd(14)} two tabs, one socket, no complaint  ${seconds(since)}`)
  } catch (error) {
    failed.push(app.name)
    console.log(
      `✗ ${app.name.padEnd(14)} ${seconds(since)}\n${error instanceof Error ? error.message : error}`,
    )
  }
}
await browser.close()
rmSync(folder, { recursive: true, force: true })
console.log(`\n${chosen.length - failed.length} of ${chosen.length} apps in ${seconds(started)}.`)
process.exitCode = failed.length === 0 ? 0 : 1
