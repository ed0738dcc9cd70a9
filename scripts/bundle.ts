import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'
import { ENTRIES, type Entry, ROOT } from './entries'

/** Bundles each entry of the package into one file, in two forms: see `bundle` and `bundleStandalone`. */

const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>
  peerDependencies: Readonly<Record<string, string>>
}
const named = (packages: object) => Object.keys(packages).map((name) => new RegExp(`^${name}($|/)`))

/** In both forms an entry imports the framework it is for. */
const FRAMEWORKS = named(peerDependencies)
const DEPENDENCIES = named(dependencies)

const INDEX = join(ROOT, 'src/index.ts')
/** Modules that the other entries import from `./index.js`: there must be one class `PartylineError` in a page. */
const IN_INDEX = [INDEX, join(ROOT, 'shared/errors.ts')]
/** The entry for tests contains modules of the index a second time, because it creates lines itself. No page loads it. */
const FOR_TESTS = 'testing'

/** React's server components need to know that hooks run in the browser. */
const BANNERS: Readonly<Record<string, string>> = { react: "'use client'" }

/** As in production, whatever NODE_ENV is here: under `development`, socket.io-parser imports a logger. */
export const CONDITIONS = ['module', 'browser', 'production']

/** A worker is neither a page nor React Native. This removes what Socket.IO's client contains for those. */
const IN_A_WORKER = { document: 'undefined', 'navigator.product': '"Gecko"' }

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

interface Form {
  readonly outDir: string
  readonly isStandalone: boolean
}

/** Bundles one entry. Returns the modules of `src/` and `shared/` that it contains. */
async function bundleEntry(
  { name, source }: Entry,
  { outDir, isStandalone }: Form,
): Promise<readonly string[]> {
  const result = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    resolve: { conditions: CONDITIONS },
    define: source.startsWith('worker/') ? IN_A_WORKER : {},
    plugins: source.startsWith('src/') && name !== 'index' ? [besideIndex] : [],
    build: {
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'es2022',
      sourcemap: true,
      license: isStandalone && { fileName: `${name}.licenses.md` },
      lib: { formats: ['es'], entry: { [name]: join(ROOT, source) } },
      rolldownOptions: {
        external: isStandalone ? FRAMEWORKS : [...FRAMEWORKS, ...DEPENDENCIES],
        // No bundler minifies a standalone file after this.
        output: { banner: BANNERS[name] ?? '', ...(isStandalone && { minify: true }) },
      },
    },
  })
  const [built] = result as Rolldown.RolldownOutput[]
  const chunks = (built?.output ?? []).flatMap((part) => (part.type === 'chunk' ? [part] : []))
  if (chunks.length !== 1) throw new Error(`${name}: ${chunks.length} scripts instead of one.`)
  return chunks.flatMap(({ moduleIds }) =>
    moduleIds.map((id) => relative(ROOT, id)).filter((id) => /^(src|shared)\//.test(id)),
  )
}

async function bundleAll(form: Form): Promise<void> {
  const pages = ENTRIES.filter(({ source }) => source.startsWith('src/'))
  const others = ENTRIES.filter((entry) => !pages.includes(entry))
  const [parts] = await Promise.all([
    Promise.all(pages.map(async (entry) => ({ entry, modules: await bundleEntry(entry, form) }))),
    Promise.all(others.map((entry) => bundleEntry(entry, form))),
  ])
  const index = new Set(parts.find(({ entry }) => entry.name === 'index')?.modules)
  for (const { entry, modules } of parts) {
    if (entry.name === 'index' || entry.name === FOR_TESTS) continue
    const twice = modules.filter((id) => index.has(id))
    if (twice.length > 0) {
      throw new Error(
        `${entry.source} contains "${twice.join('", "')}", which index.js contains as well. Import it from './index'.`,
      )
    }
  }
}

/** For apps with a bundler: each entry imports the package's dependencies, which the app's bundler resolves. */
export const bundle = (outDir: string): Promise<void> => bundleAll({ outDir, isStandalone: false })

/** For pages without a bundler: each entry contains the package's dependencies. */
export const bundleStandalone = (outDir: string): Promise<void> => bundleAll({ outDir, isStandalone: true })
