import { existsSync } from 'node:fs'

const PLACES = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]

/** The path of a Firefox on this machine, if there is one. `FIREFOX_PATH` has priority. */
export function findFirefox(): string | undefined {
  const chosen = process.env['FIREFOX_PATH']
  if (chosen !== undefined && chosen !== '') {
    if (!existsSync(chosen)) throw new Error(`FIREFOX_PATH is "${chosen}", but there is no such file.`)
    return chosen
  }
  return PLACES.find((path) => existsSync(path))
}
