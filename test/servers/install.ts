import { installPackages } from '../../scripts/install.ts'
import { missingServers } from './programs.ts'

/** Installs what real servers need. Says which are left out; with `CI` set, that is an error. */

const wanted = Object.values(missingServers()).flat()
if (wanted.length > 0) installPackages(...wanted)
for (const [name, packages] of Object.entries(missingServers())) {
  console.warn(`Left out: tests with ${name}. They need ${packages.join(', ')}.`)
  if (process.env['CI']) process.exitCode = 1
}
