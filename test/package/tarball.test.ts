import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ENTRIES, ROOT } from '../../scripts/entries'
import { packTarball, type Tarball } from '../../scripts/tarball'

/** The folder of an app that has the packed package installed. */
let app: string
let tarball: Tarball
const installed = (path: string) => join(app, 'node_modules/partyline', path)
const read = (path: string) => readFileSync(installed(path), 'utf8')

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'partyline-package-'))
  tarball = packTarball(app)
  mkdirSync(installed('.'), { recursive: true })
  execFileSync('tar', ['-xzf', tarball.path, '--strip-components=1', '-C', installed('.')])
  // The declarations import types of socket.io-client, which npm would install.
  for (const name of [
    'socket.io-client',
    'socket.io-parser',
    'engine.io-client',
    'engine.io-parser',
    '@socket.io',
    // The hooks import types of React.
    'react',
    '@types/react',
    'csstype',
    // The inspector imports types of each framework that is installed.
    'vue',
    'svelte',
  ]) {
    mkdirSync(dirname(join(app, 'node_modules', name)), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name), 'junction')
  }
})
afterAll(() => rmSync(app, { recursive: true, force: true }))

/** The files that may be in the tarball, by kind. */
const KINDS = {
  manifest: /^package\.json$/,
  documents: /^(README|CHANGELOG|PROTOCOL)\.md$|^LICENSE$/,
  scripts: new RegExp(`^dist/(${ENTRIES.map(({ name }) => name).join('|')})\\.js$`),
  maps: new RegExp(`^dist/(${ENTRIES.map(({ name }) => name).join('|')})\\.js\\.map$`),
  declarations: /^dist\/types\/(shared|src|worker|inspector)\/([\w-]+\/)*[\w-]+\.d\.ts$/,
}

describe('the tarball', () => {
  test('contains only files of known kinds', () => {
    expect(tarball.files.filter((path) => !Object.values(KINDS).some((kind) => kind.test(path)))).toEqual([])
  })

  test('has a script, a source map and declarations for every entry', () => {
    for (const { name, types } of ENTRIES) {
      expect(tarball.files).toEqual(
        expect.arrayContaining([`dist/${name}.js`, `dist/${name}.js.map`, `dist/types/${types}`]),
      )
    }
  })

  test('has source maps that contain their sources', () => {
    for (const { name } of ENTRIES) {
      const { sources, sourcesContent } = JSON.parse(read(`dist/${name}.js.map`))
      expect(sources.length, name).toBeGreaterThan(0)
      expect(sourcesContent.every((text: unknown) => typeof text === 'string' && text !== '')).toBe(true)
      expect(read(`dist/${name}.js`)).toContain(`//# sourceMappingURL=${name}.js.map`)
    }
  })

  test('has a page, a worker and an inspector that load as plain files, without imports', () => {
    for (const name of ['index', 'worker', 'inspector']) {
      expect(read(`dist/${name}.js`)).not.toMatch(
        /^\s*(import|export)\b[^\n]*\bfrom\b|\bimport\(|\brequire\(/m,
      )
    }
  })
})

describe('a bundler', () => {
  const bundled = async (program: string) => {
    const input = join(app, 'bundled.mjs')
    writeFileSync(input, program)
    const { output } = (await build({
      configFile: false,
      root: app,
      logLevel: 'silent',
      build: { write: false, rolldownOptions: { input } },
    })) as Rolldown.RolldownOutput
    return output.flatMap((part) => (part.type === 'chunk' ? [part.code] : [])).join('')
  }

  test('keeps the inspector, whose import has a side effect', async () => {
    expect(await bundled("import 'partyline/inspector'")).toContain('partyline-inspector')
  })

  test('removes imports that are not used', async () => {
    expect((await bundled("import { connect } from 'partyline'")).trim()).toBe('')
  })
})

describe('in Node', () => {
  test('each entry can be imported, because none uses browser globals on import', () => {
    const program = ENTRIES.filter(({ name }) =>
      ['index', 'worker', 'react', 'inspector', 'testing'].includes(name),
    )
      .map(({ specifier }) => `console.log(Object.keys(await import('${specifier}')).sort().join())`)
      .join('\n')
    writeFileSync(join(app, 'server.mjs'), program)
    const output = execFileSync(process.execPath, ['server.mjs'], { cwd: app, encoding: 'utf8' })
    expect(output.trim().split('\n')).toEqual([
      'PartylineError,connect,reloader',
      'PartylineError,backoff,roomDialect,serve',
      'PartylineInspector',
      'LineProvider,createHooks,useGap,useLatest,useLine,usePanel,usePanelState,useStatus',
      'createFakeLine',
    ])
  })
})

const PAGE = ['es2022', 'dom', 'dom.iterable']
const PROGRAMS = ['page.ts', 'react.ts', 'inspector.tsx', 'testing.ts']

test('the fake line rejects with the PartylineError class of the package', () => {
  writeFileSync(
    join(app, 'fake.mjs'),
    `import { PartylineError } from 'partyline'
    import { createFakeLine } from 'partyline/testing'
    const { line } = createFakeLine()
    line.close()
    await line.inspect().catch((error) => console.log(error instanceof PartylineError, error.reason))`,
  )
  const output = execFileSync(process.execPath, ['fake.mjs'], { cwd: app, encoding: 'utf8' })
  expect(output.trim()).toBe('true closed')
})

describe('its types, with skipLibCheck off', () => {
  const compile = (options: object, files: readonly string[], folder = app) => {
    const base = { target: 'es2022', strict: true, noEmit: true, skipLibCheck: false, types: [] }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...base, exactOptionalPropertyTypes: true, ...options }, files }),
    )
    try {
      return execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], {
        encoding: 'utf8',
        shell: process.platform === 'win32',
      })
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  }

  beforeAll(() => {
    writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
    for (const name of ['dashboard.ts', ...PROGRAMS]) {
      const text = readFileSync(join(ROOT, 'test/types', name), 'utf8')
      writeFileSync(join(app, name), text.replaceAll("'./dashboard'", "'./dashboard.js'"))
    }
  })

  test.for([
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])('compile in a page and its worker: module %s, moduleResolution %s', ([module, moduleResolution]) => {
    const resolution = { module, moduleResolution }
    const page = { ...resolution, lib: PAGE, jsx: 'react-jsx' }
    expect(compile(page, PROGRAMS)).toBe('')
    expect(compile({ ...resolution, lib: ['es2022', 'webworker'] }, ['dashboard.ts'])).toBe('')
  })

  test.for([
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])(
    'compile where no framework is installed: module %s, moduleResolution %s',
    ([module, moduleResolution]) => {
      const bare = mkdtempSync(join(tmpdir(), 'partyline-bare-'))
      onTestFinished(() => rmSync(bare, { recursive: true, force: true }))
      // A copy, because through a link the compiler would find the packages beside the original.
      cpSync(installed('.'), join(bare, 'node_modules/partyline'), { recursive: true })
      writeFileSync(join(bare, 'package.json'), '{ "type": "module" }')
      writeFileSync(
        join(bare, 'page.ts'),
        `import { connect } from 'partyline'
      import 'partyline/inspector'
      const inspector = document.createElement('partyline-inspector')
      inspector.line = connect((options) => new Worker('/worker.js', options))
      // @ts-expect-error: this is not a line
      inspector.line = 'errors'`,
      )
      expect(compile({ module, moduleResolution, lib: PAGE }, ['page.ts'], bare)).toBe('')
    },
  )

  test.for(['preact', 'solid-js'])('add the inspector element to the JSX of %s', (framework) => {
    // A minimal version of the declarations of both.
    const types = `
      interface Attributes<T> { id?: string; ref?: (element: T) => void }
      export type { Attributes as HTMLAttributes }
      export namespace JSX { interface IntrinsicElements {} interface HTMLAttributes<T> extends Attributes<T> {} }`
    const folder = join(app, 'node_modules', framework)
    mkdirSync(folder)
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "types": "./index.d.ts" }')
    writeFileSync(join(folder, 'index.d.ts'), types)
    writeFileSync(join(folder, 'jsx-runtime.d.ts'), "export type { JSX } from './index.js'")
    writeFileSync(
      join(app, 'other.tsx'),
      `import type { InspectedLine } from 'partyline/inspector'
      declare const line: InspectedLine
      export const shown = <partyline-inspector line={line} theme="dark" id="inspector" ref={({ line }) => line} />
      // @ts-expect-error: this is not a line
      export const wrong = <partyline-inspector line="errors" />`,
    )
    const options = { module: 'esnext', moduleResolution: 'bundler', lib: PAGE }
    const jsx = { jsx: 'react-jsx', jsxImportSource: framework }
    expect(compile({ ...options, ...jsx }, ['other.tsx'])).toBe('')
  })

  test('cause an error for an export that does not exist', () => {
    writeFileSync(join(app, 'lost.ts'), "import { lost } from 'partyline'\nlost()\n")
    expect(
      compile({ module: 'node16', moduleResolution: 'node16', lib: ['es2022', 'dom'] }, ['lost.ts']),
    ).toMatch(/TS2305.*lost/)
  })
})
