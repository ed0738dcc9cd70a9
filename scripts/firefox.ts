import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { firefox } from 'playwright'
import { chosenPath } from './chosen-path.ts'
import { installPackages, run } from './install.ts'

/** Finds a Firefox for the browser tests, or installs one. */

const PLACES = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]

/** The path of a Firefox on this machine, if there is one that is not Playwright's own. `FIREFOX_PATH` has priority. */
export function findFirefox(): string | undefined {
  return chosenPath('FIREFOX_PATH') ?? PLACES.find((path) => existsSync(path))
}

const find = () => findFirefox() ?? [firefox.executablePath()].find((path) => path !== '' && existsSync(path))

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (find() === undefined) {
    console.log('No Firefox found: installing one with Playwright.')
    if (!run('npx', 'playwright', 'install', 'firefox')) installPackages('firefox-esr')
  }
  const path = find()
  if (path === undefined) {
    console.error('No Firefox could be installed. Install one, or set FIREFOX_PATH to its path.')
    process.exit(1)
  }
  console.log(`Firefox tests run in ${path}`)
}
