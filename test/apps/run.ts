import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import { packTarball } from '../../scripts/tarball'
import { APPS } from './apps'
import { followQuickStart } from './quickstart'
import { tryApp } from './trial'

/**
 * `npm run test:apps`: packs the package, installs it in real apps, and opens each in two tabs of a real browser.
 * `npm run test:apps -- vite` runs only the apps whose name starts with "vite".
 */

interface Trial {
  readonly name: string
  readonly run: (browser: Browser, folder: string, tarball: string) => Promise<string>
}

const TRIALS: readonly Trial[] = [
  ...APPS.map((app): Trial => ({ name: app.name, run: (...world) => tryApp(app, ...world) })),
  { name: 'quickstart', run: followQuickStart },
]

const wanted = process.argv.slice(2)
const chosen = TRIALS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)),
)
if (chosen.length === 0) {
  console.error(
    `No app has a name that starts with ${wanted.map((word) => `"${word}"`).join(' or ')}. The apps are ${TRIALS.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'partyline-apps-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
const tarball = packTarball(folder).path
const executablePath = findChromium()
const browser = await chromium.launch({
  ...(executablePath !== undefined && { executablePath }),
  args: CHROMIUM_ARGUMENTS,
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const failed: string[] = []
const started = Date.now()
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`.padStart(5)
for (const { name, run } of chosen) {
  const since = Date.now()
  try {
    const seen = await run(browser, join(folder, name), tarball)
    console.log(`✓ ${name.padEnd(18)}${seconds(since)}  ${seen}`)
  } catch (error) {
    failed.push(name)
    console.log(`✗ ${name.padEnd(18)}${seconds(since)}\n${error instanceof Error ? error.message : error}`)
  }
}
await browser.close()
console.log(
  `\n${chosen.length - failed.length} of ${chosen.length} apps passed in ${seconds(started).trim()}.`,
)
process.exitCode = failed.length === 0 ? 0 : 1
