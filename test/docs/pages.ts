import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Page {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly text: string
}

const pagesIn = (folder: string) =>
  readdirSync(`${ROOT}${folder}`)
    .filter((name) => name.endsWith('.md'))
    .map((name): Page => {
      const path = `${folder}${name}`
      return { path, text: readFileSync(`${ROOT}${path}`, 'utf8') }
    })

/** Reads the pages of the root and of `docs/`. */
export const readPages = (): readonly Page[] => [...pagesIn(''), ...pagesIn('docs/')]
