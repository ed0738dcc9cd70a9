import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright'
import { chosenPath } from './chosen-path.ts'
import { installPackages, run } from './install.ts'

/** Finds a Chromium for the browser tests, or installs one. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']

const PLACES = [
  ...NAMES.map((name) => `/usr/bin/${name}`),
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ...[process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)'], process.env['LOCALAPPDATA']].flatMap(
    (folder) =>
      folder
        ? [
            `${folder}\\Google\\Chrome\\Application\\chrome.exe`,
            `${folder}\\Microsoft\\Edge\\Application\\msedge.exe`,
          ]
        : [],
  ),
]

/** Start it without background traffic, and also as root in a container. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The tests' site on plain http, which has neither locks nor crypto.randomUUID.
  '--host-resolver-rules=MAP plain.test 127.0.0.1',
]

/** The path of a Chromium on this machine, if there is one. `CHROMIUM_PATH` has priority. */
export function findChromium(): string | undefined {
  const chosen = chosenPath('CHROMIUM_PATH')
  if (chosen !== undefined) return chosen
  return [chromium.executablePath(), ...PLACES].find((path) => path !== '' && existsSync(path))
}

const SHELLS = ['/usr/bin/chromium-headless-shell']

/**
 * The path of a headless shell, which is Chromium without its windows: pages open faster. It has no back/forward cache, and freezes no page.
 * `undefined` where Playwright has its own. Where there is none, it is the path of a Chromium.
 */
export function findHeadlessShell(): string | undefined {
  const chosen = chosenPath('CHROMIUM_PATH')
  if (chosen !== undefined) return chosen
  const path = findChromium()
  const isOfPlaywright = path === chromium.executablePath()
  return isOfPlaywright ? undefined : (SHELLS.find((shell) => existsSync(shell)) ?? path)
}

function install(): void {
  console.log('No Chromium found: installing one with Playwright.')
  if (run('npx', 'playwright', 'install', 'chromium')) return
  installPackages('chromium')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (findChromium() === undefined) install()
  const path = findChromium()
  if (path === undefined) {
    console.error('No Chromium could be installed. Install one, or set CHROMIUM_PATH to its path.')
    process.exit(1)
  }
  console.log(
    `Browser tests run in ${path}, most of them in ${findHeadlessShell() ?? 'Playwright’s headless shell'}`,
  )
}
