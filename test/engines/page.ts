import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Outcome, type Records, readRecords } from './records.ts'
import { ENGINES, SCENARIOS } from './scenarios.ts'

/** The tables in `docs/engines.md`, made of what the last runs have recorded. */

const PAGE = fileURLToPath(new URL('../../docs/engines.md', import.meta.url))
const BEGIN = '<!-- engines: begin -->\n'
const END = '<!-- engines: end -->'

const has = (outcomes: readonly Outcome[], state: Outcome['state']) =>
  outcomes.filter((outcome) => outcome.state === state)

/** Skipped tests, by engine and reason. */
type Notes = Map<string, { readonly engine: string; readonly reason: string; readonly names: string[] }>

function cell(engine: string, outcomes: readonly Outcome[] | undefined, notes: Notes): string {
  if (outcomes === undefined) return 'not run'
  const numbers = new Set<number>()
  for (const { name, reason = 'no reason was given' } of has(outcomes, 'skipped')) {
    const key = `${engine} ${reason}`
    const note = notes.get(key) ?? { engine, reason, names: [] }
    note.names.push(name)
    notes.set(key, note)
    numbers.add([...notes.keys()].indexOf(key) + 1)
  }
  const passed = has(outcomes, 'passed').length
  const failed = has(outcomes, 'failed').length
  const count = passed === outcomes.length ? `${passed}` : `${passed} of ${outcomes.length}`
  return [
    count,
    ...[...numbers].map((number) => `([${number}](#not-tested-there))`),
    ...(failed > 0 ? [`**${failed} failed**`] : []),
  ].join(' ')
}

function render(records: Readonly<Record<string, Records>>): string {
  const notes: Notes = new Map()
  const engines = Object.entries(ENGINES)
  const rows = SCENARIOS.map(
    ({ name, file }) =>
      `| ${[name, ...engines.map(([id, title]) => cell(title, records[id]?.get(file), notes))].join(' | ')} |`,
  )
  const sums = engines.map(([id]) => {
    const outcomes = SCENARIOS.flatMap(({ file }) => records[id]?.get(file) ?? [])
    return `**${has(outcomes, 'passed').length}**`
  })
  return [
    `| tests that passed | ${engines.map(([, title]) => title).join(' | ')} |`,
    `| --- |${' --- |'.repeat(engines.length)}`,
    ...rows,
    `| **all** | ${sums.join(' | ')} |`,
    '',
    '### Not tested there',
    '',
    ...[...notes.values()].map(
      ({ engine, reason, names }, index) =>
        `${index + 1}. ${engine}: ${reason}\n${names.map((name) => `   - ${name}`).join('\n')}`,
    ),
    '',
  ].join('\n')
}

/** What is wrong with the records: tests that failed, tests that were skipped without a reason. */
export function faultsOf(engine: string): string[] {
  const records = readRecords(engine)
  return SCENARIOS.flatMap(({ file }) =>
    (records.get(file) ?? [])
      .filter(({ state, reason }) => state === 'failed' || (state === 'skipped' && reason === undefined))
      .map(
        ({ name, state }) =>
          `${engine}: ${file}: ${name}: ${state === 'failed' ? state : 'skipped without a reason'}`,
      ),
  )
}

/** Compares the page with the records, or writes the tables into it. Returns whether the page is as it should be. */
export function settlePage(write: boolean): boolean {
  const page = readFileSync(PAGE, 'utf8')
  const [before = '', rest = ''] = page.split(BEGIN)
  const [written, after] = rest.split(END)
  if (after === undefined) throw new Error(`docs/engines.md needs "${BEGIN.trim()}" and "${END}" after it.`)
  const records = Object.fromEntries(Object.keys(ENGINES).map((engine) => [engine, readRecords(engine)]))
  const tables = render(records)
  if (written === tables) return true
  if (write) writeFileSync(PAGE, before + BEGIN + tables + END + after)
  return write
}
