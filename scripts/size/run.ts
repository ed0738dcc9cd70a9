import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../entries'
import { IMPORTS, type ImportName } from './budgets'
import { measure } from './measure'
import { kilobytes, sentence, withSentence } from './sentence'

/** `npm run size`: prints the size of each import and of its modules. With `--write`, it also updates README.md. */

const MODULES = 12
/** The imports whose modules are listed. */
const LISTED: readonly ImportName[] = [
  'connect + reloader',
  'connect + react',
  'worker, everything',
  'worker, websocket',
]

const weights = await measure()
const row = (name: string, ...cells: readonly string[]) =>
  console.log(name.padEnd(26) + cells.map((cell) => cell.padStart(10)).join(''))

row('kB', 'minified', 'gzip', 'budget')
for (const { name, minified, gzip } of weights) {
  const budget = IMPORTS.find((one) => one.name === name)?.budget ?? 0
  row(name, kilobytes(minified), kilobytes(gzip), budget.toFixed(1))
  if (gzip > budget * 1000) process.exitCode = 1
}

for (const { name, shares } of weights) {
  if (!LISTED.includes(name)) continue
  console.log(`\nThe modules of "${name}". Gzip: how many bytes smaller the download would be without it.`)
  row('bytes', 'minified', 'gzip')
  for (const { module, minified, gzip } of shares.slice(0, MODULES)) row(module, `${minified}`, `${gzip}`)
  const rest = shares.slice(MODULES)
  const sum = (of: 'minified' | 'gzip') => `${rest.reduce((total, share) => total + share[of], 0)}`
  if (rest.length > 0) row(`${rest.length} more`, sum('minified'), sum('gzip'))
}

const text = sentence(weights)
console.log(`\n${text}`)
if (process.argv.includes('--write')) {
  const readme = join(ROOT, 'README.md')
  writeFileSync(readme, withSentence(readFileSync(readme, 'utf8'), text))
}
