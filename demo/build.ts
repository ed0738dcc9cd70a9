import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'
import { SOURCES } from '../scripts/sources.ts'
import { VERSION_FOLDER } from './server/site.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** package.json lists which files of the package have side effects. The demo is built from the sources, so it has to say it again. */
const keepInspector: Plugin = {
  name: 'keep-inspector',
  transform: (code, id) =>
    id.endsWith('/inspector/index.ts') ? { code, map: null, moduleSideEffects: true } : undefined,
}

/** Builds the page, as an app would, into a temporary folder. */
export async function buildSite() {
  const folder = await mkdtemp(join(tmpdir(), 'partyline-demo-'))
  await build({
    configFile: false,
    root: here('./page'),
    base: `/${VERSION_FOLDER}/`,
    logLevel: 'warn',
    resolve: { alias: SOURCES },
    plugins: [keepInspector],
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
    },
  })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
