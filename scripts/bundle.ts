import { join, relative, resolve } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'
import { ENTRIES, type Entry, ROOT } from './entries'

/**
 * Bundles every entry of the package into a folder, each with its dependencies inside and none with parts elsewhere:
 * so that the worker, and a page's side, can be copied to any server as one file.
 *
 * What stays outside are the frameworks an entry is for, and `partyline` itself in the entries that build upon it:
 * there must be one `PartylineError` in a page.
 */

const INDEX = join(ROOT, 'src/index.ts')
/** The modules that are found in `partyline` itself: the class of errors is one class, wherever it is thrown. */
const IN_INDEX = [INDEX, join(ROOT, 'shared/errors.ts')]
/** The entry for tests has a line of its own: what it carries a second time is in no page. */
const FOR_TESTS = 'testing'
const FRAMEWORKS = [/^react($|\/)/, /^react-dom($|\/)/]

/** Where components are rendered on a server first, hooks have to say where they belong. */
const BANNERS: Readonly<Record<string, string>> = { react: "'use client'" }

/** As production resolves, whatever NODE_ENV is here: `development` would bring in the logging of libraries. */
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

/** What no worker is: a page, or React Native. Parts of libraries that are for those are left out. */
const WORKER = { document: 'undefined', 'navigator.product': '"Gecko"' }

/** Bundles one entry; returns the modules of ours that went into it. */
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
  if (chunks.length !== 1) throw new Error(`${name}: ${chunks.length} scripts instead of one.`)
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
      throw new Error(`${entry.source} carries ${twice.join(', ')} a second time: import it from './index'.`)
    }
  }
}
