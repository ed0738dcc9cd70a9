import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ENTRIES } from '../../../scripts/entries.ts'
import { blocksIn } from '../blocks.ts'
import { ROOT } from '../pages.ts'

/** Resolves the package names that a reader imports to the sources. */
export const ALIAS = ENTRIES.map(({ specifier, source }) => ({
  find: new RegExp(`^${specifier}$`),
  replacement: join(ROOT, source),
}))

/** A reader's project folder, with the files from a page. */
export interface Project {
  readonly folder: string
  remove(): void
}

/** Writes the files of a page to a temporary folder. `change` may adapt their code, for example the port. */
export function writeProject(page: string, change: (code: string) => string): Project {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-project-'))
  for (const { name, code } of blocksIn(page, readFileSync(join(ROOT, page), 'utf8'))) {
    if (name === undefined) continue
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), change(code))
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
