import { join, relative, resolve } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'
import { ENTRIES, type Entry, ROOT } from './entries'

/**
 * Bundles every entry of the package, each into one file that contains its dependencies. So the worker and the page's side
 * can each be copied to any server as one file.
 *
 * Two things stay external: the framework of an entry, and `partyline` itself in the entries that import it, because a page
 * must have only one `PartylineError` class.
 */

const INDEX = join(ROOT, 'src/index.ts')
/** The modules that other entries import from `partyline`, so that a page has only one `PartylineError` class. */
const IN_INDEX = [INDEX, join(ROOT, 'shared/errors.ts')]
/** The entry for tests may contain modules a second time, because no page loads it. */
const FOR_TESTS = 'testing'
const FRAMEWORKS = [/^react($|\/)/, /^react-dom($|\/)/]

/** Frameworks that render on the server require hooks to be marked. */
const BANNERS: Readonly<Record<string, string>> = { react: "'use client'" }

/** The conditions of a production build, whatever NODE_ENV is. With `development`, libraries would include their logging. */
export const CONDITIONS = ['module', 'browser', 'production']

const besideIndex: Plugin = {
  name: 'beside-index',
  enforce: 'pre',
  resolveId(specifier, importer) {
    if (importer === undefined) return
    const isInIndex =
      specifier === 'partyline' ||
      (specifier.startsWith('.') &&
        IN_INDEX.includes(resolve(importer, '..', specifier).replace(/(\.ts)?$/, '.ts')))
    return isInIndex ? { id: './index.js', external: 'relative' } : undefined
  },
}

/** A worker is neither a page nor React Native, so code of libraries for those is removed. */
const WORKER = { document: 'undefined', 'navigator.product': '"Gecko"' }

/** Bundles one entry. Returns our modules that it contains. */
async function bundleEntry({ name, source }: Entry, outDir: string): Promise<readonly string[]> {
  const result = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    resolve: { conditions: CONDITIONS },
    define: source.startsWith('worker/') ? WORKER : {},
    plugins: source.startsWith('src/') && name !== 'index' ? [besideIndex] : [],
    build: {
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'es2022',
      sourcemap: true,
      lib: { formats: ['es'], entry: { [name]: join(ROOT, source) } },
      rolldownOptions: { external: FRAMEWORKS, output: { banner: BANNERS[name] ?? '' } },
    },
  })
  const [built] = result as Rolldown.RolldownOutput[]
  const chunks = (built?.output ?? []).flatMap((part) => (part.type === 'chunk' ? [part] : []))
  if (chunks.length !== 1) throw new Error(`${name}: expected one script, but there are ${chunks.length}.`)
  return chunks.flatMap(({ moduleIds }) =>
    moduleIds.map((id) => relative(ROOT, id)).filter((id) => /^(src|shared)\//.test(id)),
  )
}

export async function bundle(outDir: string): Promise<void> {
  const pages = ENTRIES.filter(({ source }) => source.startsWith('src/'))
  const others = ENTRIES.filter((entry) => !pages.includes(entry))
  const [parts] = await Promise.all([
    Promise.all(pages.map(async (entry) => ({ entry, modules: await bundleEntry(entry, outDir) }))),
    Promise.all(others.map((entry) => bundleEntry(entry, outDir))),
  ])
  const index = new Set(parts.find(({ entry }) => entry.name === 'index')?.modules)
  for (const { entry, modules } of parts) {
    if (entry.name === 'index' || entry.name === FOR_TESTS) continue
    const twice = modules.filter((id) => index.has(id))
    if (twice.length > 0) {
      throw new Error(`${entry.source} contains ${twice.join(', ')} a second time: import it from './index'.`)
    }
  }
}
