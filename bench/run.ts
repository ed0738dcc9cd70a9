import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { launchBrowser } from './browser'
import { buildPage, SITE, type Weight } from './build'
import { CONTENDERS } from './contenders'
import { type Figure, type Sample, SIZES, type Size } from './figures'
import { type Job, planOf } from './plan'
import { createQuietCheck, waitForQuiet } from './quiet'
import { writeReport } from './report/report'
import { tables } from './report/tables'
import type { Results } from './results'
import { startServer } from './server/process'
import { openSession, wait } from './session'

/** `npm run bench`: compares Partyline with what apps do today, and with the limit. */

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    tabs: { type: 'string' },
    size: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    /** Does not wait for a quiet machine. The report says how busy it was. */
    busy: { type: 'boolean', default: false },
    /** The file to write all samples to. */
    json: { type: 'string' },
  },
})

function listed<T extends string>(text: string | undefined, known: readonly T[], what: string) {
  const names = text?.split(',')
  const unknown = names?.find((name) => !known.includes(name as T))
  if (unknown !== undefined) throw new Error(`There is no ${what} "${unknown}". Known: ${known.join(', ')}.`)
  return names as readonly T[] | undefined
}

const { quick } = values
const only = listed(
  values.only,
  CONTENDERS.map(({ name }) => name),
  'contender',
)
const plan = planOf({
  quick,
  only,
  tabs: values.tabs?.split(',').map(Number) ?? (quick ? [1, 20] : [1, 5, 20, 40]),
  sizes: listed<Size>(values.size, SIZES, 'size') ?? SIZES,
  rounds: Number(values.rounds ?? (quick ? 1 : 5)),
})

const jobs = plan.flat()
const weights: Record<string, Weight> = {}
await buildPage('probe')
for (const { name } of new Set(jobs.map(({ entry }) => entry))) weights[name] = await buildPage(name)

const samples: Sample[] = []
const failures: string[] = []
const failed = (what: string) => {
  console.error(`FAILED ${what}`)
  failures.push(what)
}
if (!values.busy) {
  console.log('Waiting until the load average is low, for 5 minutes at most.')
  await waitForQuiet()
}
const quiet = createQuietCheck()
const startedAt = new Date()
const server = await startServer(SITE)
const browser = await launchBrowser()

/** Waits until the previous contender's connections are closed and the browser is idle. */
async function clear() {
  await server.call('hangUp')
  while ((await server.call('counts')).sockets > 0) await wait(20)
  await browser.rest()
}

async function carryOut({ entry, tabs, measures }: Job) {
  await clear()
  await quiet.look()
  const session = await openSession({ entry, tabs, server, browser, failed })
  try {
    for (const measure of measures) {
      const figures = await measure(session)
      for (const [figure, value] of Object.entries(figures) as [Figure, number][]) {
        samples.push({ contender: entry.name, tabs, figure, value })
      }
    }
  } finally {
    await session.close()
  }
}

try {
  for (const [index, job] of jobs.entries()) {
    const { entry, tabs } = job
    const since = Date.now()
    await carryOut(job).catch((error) => failed(`${entry.label}, ${tabs} tabs: ${error}`))
    const seconds = ((Date.now() - since) / 1000).toFixed(1)
    console.log(
      `${index + 1}/${jobs.length}  ${entry.label}, ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}: ${seconds} s`,
    )
  }
  await quiet.look()
} finally {
  await browser.close()
  server.close()
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version

const results: Results = {
  startedAt: startedAt.toISOString(),
  minutes: (Date.now() - startedAt.getTime()) / 60_000,
  versions: {
    Chromium: browser.version,
    Node: process.version.slice(1),
    ...Object.fromEntries(
      [
        'socket.io',
        'socket.io-client',
        'comlink',
        'ws',
        'broadcast-channel',
        'tab-election',
        'socketio-shared-webworker',
      ].map((name) => [name, versionOf(name)]),
    ),
  },
  machine: `${cpus().length} processors, ${cpus()[0]?.model.trim()}, ${process.platform}`,
  quiet: quiet.verdict(),
  weights,
  failures,
  samples,
}

if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results))
console.log(tables(results))
const isWhole = !quick && [values.tabs, values.size, values.rounds, only].every((each) => each === undefined)
if (isWhole) writeReport(results)
for (const warning of results.quiet.warnings) console.warn(`Do not trust these figures: ${warning}.`)
process.exitCode = failures.length > 0 ? 1 : 0
