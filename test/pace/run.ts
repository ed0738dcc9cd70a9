import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build, type Rolldown } from 'vite'
import { SOURCES } from '../../scripts/sources'
import { ENGINES, type EngineName, NAMES } from './engines'
import type { Files } from './front'
import { type Case, measure, type Outcome } from './outage'
import { ABSENCES, LINKS, ORIGINS } from './settings'

/**
 * `npm run test:pace -- --away SECONDS --engine NAME`: the server of each kind of link goes away for a while, in each way and at
 * each origin, in all engines or in one. Fails if a link is not back within one pace and a second of the server's return.
 */

const { values } = parseArgs({
  options: {
    away: { type: 'string', default: '90' },
    engine: { type: 'string', multiple: true, default: NAMES },
    link: { type: 'string', multiple: true, default: [...LINKS] },
  },
})
const away = Number(values.away) * 1000
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** One pace of 5 s + 20 %, and a second, in seconds. */
const PACE = 5 * 1.2 + 1
/** A proxy's 502 that cannot be read looks like an answer of the server. Then a WebSocket is tried every 65 s. */
const BLIND = 65 + PACE
/** The time between the starts of two cases, in ms, so that they do not slow each other down. */
const APART = 700

async function bundle(entry: string, format: 'es' | 'iife' = 'es'): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: SOURCES },
    build: {
      write: false,
      target: 'es2022',
      lib: { formats: [format], name: 'bundle', entry: here(entry) },
    },
  })
  const [{ output }] = result as unknown as [Rolldown.RolldownOutput]
  return output[0].code
}

const files: Files = new Map([
  ['/page.html', '<!doctype html><title>Pace</title><script type="module" src="/page.js"></script>'],
  ['/page.js', await bundle('./page.ts')],
  // Socket.IO's client keeps the constructors that it finds, so what counts attempts comes before it.
  ['/worker.js', (await bundle('./attempts.ts', 'iife')) + (await bundle('./pace.worker.ts'))],
])
const cases: readonly Case[] = LINKS.filter((link) => values.link.includes(link)).flatMap((link) =>
  ORIGINS.filter((origin) => origin !== 'unreadable' || link === 'websocket').flatMap((origin) =>
    ABSENCES.map((absence) => ({ link, origin, absence })),
  ),
)

const limitOf = ({ origin, absence }: Case) => (origin === 'unreadable' && absence === '502' ? BLIND : PACE)

async function runIn(name: EngineName): Promise<{ version: string; outcomes: readonly Outcome[] }> {
  const engine = await ENGINES[name]()
  try {
    const outcomes = await Promise.all(
      cases.map(async (each, index) => {
        await new Promise((done) => setTimeout(done, index * APART))
        const host = `127.0.${NAMES.indexOf(name) + 1}.${index + 1}`
        return measure(engine, each, { host, away, files }).catch((error) => {
          console.error(error)
          return { ...each, back: undefined, requests: 0, websockets: 0 }
        })
      }),
    )
    return { version: engine.version, outcomes }
  } finally {
    await engine.close()
  }
}

const seconds = (back: number | undefined) =>
  back === undefined ? 'not within 2 min' : `${back.toFixed(1)} s`
const isLate = (outcome: Outcome) => outcome.back === undefined || outcome.back > limitOf(outcome)

const names = NAMES.filter((each) => values.engine.includes(each))
const runs = await Promise.all(names.map(async (name) => ({ name, ...(await runIn(name)) })))
const late = runs.flatMap(({ outcomes }) => outcomes).filter(isLate)
console.log(
  [
    `Away for ${values.away} s, in ${runs.map(({ name, version }) => `${name} ${version}`).join(' and ')}:`,
    '',
    '| link | origin | away | engine | back after | HTTP requests | WebSockets |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...runs.flatMap(({ name, outcomes }) =>
      outcomes.map(
        (each) =>
          `| ${each.link} | ${each.origin} | ${each.absence} | ${name} | ${seconds(each.back)}${isLate(each) ? ', late' : ''} | ${each.requests} | ${each.websockets} |`,
      ),
    ),
    '',
    `${late.length} of ${names.length * cases.length} were late.`,
  ].join('\n'),
)
mkdirSync(here('./results'), { recursive: true })
writeFileSync(here(`./results/${values.away}.json`), JSON.stringify(runs, undefined, 2))
process.exitCode = late.length > 0 ? 1 : 0
