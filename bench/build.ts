import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { SOURCES } from '../scripts/sources'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export const SITE = here('./dist')

/** The bytes of JavaScript that a tab of a contender loads, without the worker's. */
export interface Weight {
  readonly js: number
  readonly gzip: number
}

/** Builds the scripts of a page and its worker, minified as in production. */
export async function buildPage(name: string): Promise<Weight> {
  const outDir = join(SITE, name)
  await build({
    configFile: false,
    logLevel: 'warn',
    base: `/${name}/`,
    resolve: {
      alias: SOURCES,
    },
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: here(`./pages/${name}.ts`),
        output: { entryFileNames: 'page.js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  const scripts = readdirSync(outDir).filter((file) => file.endsWith('.js'))
  const parts = scripts.map((file) => readFileSync(join(outDir, file)))
  return {
    js: parts.reduce((sum, part) => sum + part.length, 0),
    gzip: parts.reduce((sum, part) => sum + gzipSync(part).length, 0),
  }
}
