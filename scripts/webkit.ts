import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chosenPath } from './chosen-path.ts'
import { installPackages } from './install.ts'

/** Finds WebKitGTK's MiniBrowser and its WebDriver, or installs them. There they are only for Linux. */

export interface WebKit {
  readonly browser: string
  readonly driver: string
  /** The X server without a screen that the browser's windows are on. */
  readonly display: string
}

const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/libexec',
]

const onPath = (name: string) =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

/** Each version of WebKitGTK has its own folder, such as `webkit2gtk-4.1`. */
const findMiniBrowser = () =>
  LIBRARIES.filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^webkit(2)?gtk-/.test(name))
        .map((name) => join(folder, name, 'MiniBrowser')),
    )
    .find((path) => existsSync(path))

/** The WebKitGTK of this machine, if it is complete. `WEBKIT_PATH` is the path of a MiniBrowser, and has priority. */
export function findWebKit(): WebKit | undefined {
  const browser = chosenPath('WEBKIT_PATH') ?? findMiniBrowser()
  const driver = onPath('WebKitWebDriver')
  const display = onPath('Xvfb')
  return browser && driver && display ? { browser, driver, display } : undefined
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (findWebKit() === undefined) {
    console.log('No WebKitGTK with MiniBrowser, WebKitWebDriver and Xvfb found: installing it.')
    installPackages('webkit2gtk-driver', 'xvfb')
  }
  const found = findWebKit()
  if (found === undefined) {
    console.error('WebKitGTK could not be installed. Install its MiniBrowser and WebKitWebDriver, and Xvfb.')
    process.exit(1)
  }
  console.log(`WebKit tests run in ${found.browser}`)
}
