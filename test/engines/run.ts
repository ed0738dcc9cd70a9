import { run } from '../../scripts/install.ts'
import { faultsOf, settlePage } from './page.ts'
import { ENGINES, SCENARIOS } from './scenarios.ts'

/**
 * Runs the browser suite in each engine, one after another.
 *
 *     npm run test:engines -- --engine firefox --engine webkit    these engines
 *     npm run test:engines -- --half                              what engines differ in
 *     npm run test:engines -- test/browser/gap.test.ts -t lost    the rest goes to Vitest
 *     npm run test:engines -- --write                             writes docs/engines.md from the outcomes
 *     npm run test:engines -- --write --no-run                    the same, from those of the last runs
 */

const engines: string[] = []
const flags = new Set<string>()
const others: string[] = []
const given = process.argv.slice(2)
for (let next = given.shift(); next !== undefined; next = given.shift()) {
  if (next === '--engine') engines.push(given.shift() ?? '')
  else if (['--half', '--write', '--no-run'].includes(next)) flags.add(next)
  else others.push(next)
}
const unknown = engines.filter((engine) => !(engine in ENGINES))
if (unknown.length > 0) {
  console.error(`There is no engine "${unknown.join('", "')}": choose of ${Object.keys(ENGINES).join(', ')}.`)
  process.exit(1)
}

const half = flags.has('--half') ? SCENARIOS.filter(({ half }) => half).map(({ file }) => file) : []
const chosen = engines.length > 0 ? engines : Object.keys(ENGINES)

/** Looks for the engine's browser, or installs it, and runs the tests. Returns what is wrong. */
function runEngine(engine: string): string[] {
  console.log(`\n${ENGINES[engine as keyof typeof ENGINES]}`)
  if (!run('npx', 'tsx', `scripts/${engine}.ts`)) return [`${engine}: the browser is missing, see above`]
  const vitest = ['vitest', 'run', '--config', 'vite.engines.config.ts', '--project', engine]
  return run('npx', ...vitest, ...half, ...others) ? [] : [`${engine}: failed, see above`]
}

const faults = flags.has('--no-run') ? chosen.flatMap(faultsOf) : chosen.flatMap(runEngine)
const isWhole = half.length + others.length + engines.length === 0
if ((isWhole || flags.has('--write')) && !settlePage(flags.has('--write')))
  faults.push('docs/engines.md differs from this run: npm run test:engines -- --write --no-run writes it')
if (faults.length > 0) console.error(`\n${faults.join('\n')}`)
process.exitCode = faults.length > 0 ? 1 : 0
