import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What each engine's last run of each test file has shown. Kept in a folder that git ignores. */

export interface Outcome {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string | undefined
  readonly ms?: number | undefined
}

export type Records = Readonly<Record<string, readonly Outcome[]>>

const FOLDER = fileURLToPath(new URL('../../.engines/', import.meta.url))

/** The outcomes of an engine, by test file. */
export function readRecords(engine: string): Records {
  const path = `${FOLDER}${engine}.json`
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

export function writeRecord(engine: string, file: string, outcomes: readonly Outcome[]): void {
  mkdirSync(FOLDER, { recursive: true })
  const records = { ...readRecords(engine), [file]: outcomes }
  writeFileSync(`${FOLDER}${engine}.json`, JSON.stringify(records, undefined, 1))
}
