import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What each engine's last run of each test file has shown. Kept in a folder that git ignores. */

export interface Outcome {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string | undefined
  readonly ms?: number | undefined
}

interface Recorded {
  readonly file: string
  readonly outcomes: readonly Outcome[]
}

/** The outcomes of an engine, by test file. */
export type Records = ReadonlyMap<string, readonly Outcome[]>

const folderOf = (engine: string) => fileURLToPath(new URL(`../../.engines/${engine}/`, import.meta.url))

export function readRecords(engine: string): Records {
  const folder = folderOf(engine)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const records = names.map((name): Recorded => JSON.parse(readFileSync(`${folder}${name}`, 'utf8')))
  return new Map(records.map(({ file, outcomes }) => [file, outcomes]))
}

/** Each test file has its own record, so that two runs may write at once. */
export function writeRecord(engine: string, file: string, outcomes: readonly Outcome[]): void {
  const folder = folderOf(engine)
  mkdirSync(folder, { recursive: true })
  const record: Recorded = { file, outcomes }
  writeFileSync(`${folder}${file.replaceAll('/', ' ')}.json`, JSON.stringify(record, undefined, 1))
}
