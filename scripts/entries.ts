import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The entries of the package, read from the exports in package.json. */

export interface Entry {
  /** `index`, `worker`. */
  readonly name: string
  /** As it is imported: `partyline`, `partyline/worker`. */
  readonly specifier: string
  /** Its source file, relative to the root of the repository. */
  readonly source: string
  /** Its declarations, relative to `dist/types`. */
  readonly types: string
}

interface Target {
  readonly types: string
  readonly default: string
}

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const SCRIPT = /^\.\/dist\/([\w-]+)\.js$/
const TYPES = /^\.\/dist\/types\/(.+)\.d\.ts$/

function read(path: string, target: Target): Entry {
  const name = SCRIPT.exec(target.default)?.[1]
  const source = TYPES.exec(target.types)?.[1]
  if (name === undefined || source === undefined) {
    throw new Error(
      `package.json: the export "${path}" should be ./dist/<name>.js, with types ./dist/types/<source>.d.ts.`,
    )
  }
  const extension = ['.ts', '.tsx'].find((end) => existsSync(`${ROOT}/${source}${end}`))
  if (extension === undefined)
    throw new Error(`package.json: the export "${path}" has no source file ${source}.ts.`)
  return {
    name,
    specifier: `partyline${path.slice(1)}`,
    source: source + extension,
    types: `${source}.d.ts`,
  }
}

export const ENTRIES: readonly Entry[] = Object.entries<Target | string>(
  JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')).exports,
).flatMap(([path, target]) => (typeof target === 'string' ? [] : [read(path, target)]))
