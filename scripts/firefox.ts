import { existsSync } from 'node:fs'
import { chosenPath } from './chosen-path.ts'

const PLACES = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]

/** The path of a Firefox on this machine, if there is one. `FIREFOX_PATH` has priority. */
export function findFirefox(): string | undefined {
  return chosenPath('FIREFOX_PATH') ?? PLACES.find((path) => existsSync(path))
}
