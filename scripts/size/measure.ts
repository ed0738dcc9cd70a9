import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin, type Rolldown } from 'vite'
import { bundle, CONDITIONS } from '../bundle'
import { ENTRIES, ROOT } from '../entries'
import { IMPORTS, type ImportName } from './budgets'
import { type Share, sharesOf } from './shares'

/** The size of an import in an app's bundle, in bytes. */
export interface Weight {
  readonly name: ImportName
  readonly minified: number
  readonly gzip: number
  readonly shares: readonly Share[]
}

const PROGRAM = 'app.js'

/** Resolves one program, and the built package for it. */
function app(program: string, dist: string): Plugin {
  const scripts = new Map<string, string>(
    ENTRIES.map(({ specifier, name }) => [specifier, join(dist, `${name}.js`)]),
  )
  return {
    name: 'app',
    enforce: 'pre',
    resolveId: (specifier) => (specifier === PROGRAM ? PROGRAM : scripts.get(specifier)),
    load(id) {
      if (id === PROGRAM) return program
      if (!id.startsWith(dist)) return
      // With its source map, so that bytes can be attributed to the sources.
      return { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) }
    },
  }
}

async function weigh(name: ImportName, program: string, dist: string): Promise<Weight> {
  const { output } = (await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    resolve: { conditions: CONDITIONS },
    plugins: [app(program, dist)],
    build: {
      write: false,
      target: 'es2022',
      sourcemap: true,
      modulePreload: false,
      rolldownOptions: {
        input: PROGRAM,
        external: [/^react($|\/)/],
        preserveEntrySignatures: 'strict',
        // Ignores the warning about 'use client', which has no meaning without a server.
        onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
      },
    },
  })) as Rolldown.RolldownOutput
  const chunks = output.flatMap((part) => (part.type === 'chunk' ? [part] : []))
  const [chunk] = chunks
  if (!chunk?.map || chunks.length !== 1) throw new Error(`${name}: expected one script with a source map.`)
  const code = chunk.code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '')
  return {
    name,
    minified: Buffer.byteLength(code),
    gzip: gzipSync(code).length,
    shares: sharesOf(code, new SourceMap({ sourceRoot: '', ...chunk.map })),
  }
}

/** Builds the package, and bundles each import as an app would. */
export async function measure(): Promise<readonly Weight[]> {
  const dist = mkdtempSync(join(tmpdir(), 'partyline-size-'))
  try {
    await bundle(dist)
    // What the entries import is resolved from where they are.
    symlinkSync(join(ROOT, 'node_modules'), join(dist, 'node_modules'), 'junction')
    const specifiers = ENTRIES.map(({ specifier }) => specifier)
    const present = IMPORTS.filter(({ entry }) => specifiers.includes(entry))
    return await Promise.all(present.map(({ name, program }) => weigh(name, program, dist)))
  } finally {
    rmSync(dist, { recursive: true, force: true })
  }
}
