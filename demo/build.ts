import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Builds the page as an app would, into a folder that is thrown away afterwards. */
export async function buildSite() {
  const folder = await mkdtemp(join(tmpdir(), 'partyline-demo-'))
  await build({
    configFile: false,
    root: here('./page'),
    logLevel: 'warn',
    resolve: {
      alias: [
        { find: /^partyline\/worker$/, replacement: here('../worker/index.ts') },
        { find: /^partyline$/, replacement: here('../src/index.ts') },
      ],
    },
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
  })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
