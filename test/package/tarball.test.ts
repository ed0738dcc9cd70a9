import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
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

const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>
}

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'partyline-package-'))
  tarball = packTarball(app)
  mkdirSync(installed('.'), { recursive: true })
  execFileSync('tar', ['-xzf', tarball.path, '--strip-components=1', '-C', installed('.')])
  for (const name of [
    // npm installs these beside the package.
    ...Object.keys(dependencies),
    // The hooks need React.
    'react',
    '@types/react',
    'csstype',
    // The inspector's declarations have a part for each framework that is installed.
    'vue',
    'svelte',
  ]) {
    mkdirSync(dirname(join(app, 'node_modules', name)), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name), 'junction')
  }
})
afterAll(() => rmSync(app, { recursive: true, force: true }))

const NAMES = `(${ENTRIES.map(({ name }) => name).join('|')})`

/** What may be in the tarball, by kind. */
const KINDS = {
  manifest: /^package\.json$/,
  documents: /^(README|CHANGELOG|PROTOCOL)\.md$|^LICENSE$/,
  scripts: new RegExp(`^dist/(standalone/)?${NAMES}\\.js$`),
  maps: new RegExp(`^dist/(standalone/)?${NAMES}\\.js\\.map$`),
  licenses: new RegExp(`^dist/standalone/${NAMES}\\.licenses\\.md$`),
  standaloneDeclarations: new RegExp(`^dist/standalone/${NAMES}\\.d\\.ts$`),
  declarations: /^dist\/types\/(shared|src|worker|inspector)\/([\w-]+\/)*[\w-]+\.d\.ts$/,
}

describe('the tarball', () => {
  test('has nothing that does not belong', () => {
    expect(tarball.files.filter((path) => !Object.values(KINDS).some((kind) => kind.test(path)))).toEqual([])
  })

  test('has a script, a map and declarations of every entry', () => {
    for (const { name, types } of ENTRIES) {
      expect(tarball.files).toEqual(
        expect.arrayContaining([
          ...[`dist/${name}.js`, `dist/${name}.js.map`, `dist/types/${types}`],
          ...['js', 'js.map', 'd.ts', 'licenses.md'].map((end) => `dist/standalone/${name}.${end}`),
        ]),
      )
    }
  })

  test('has maps that carry their sources', () => {
    for (const folder of ['dist', 'dist/standalone']) {
      for (const { name } of ENTRIES) {
        const { sources, sourcesContent } = JSON.parse(read(`${folder}/${name}.js.map`))
        expect(sources.length, name).toBeGreaterThan(0)
        expect(sourcesContent.every((text: unknown) => typeof text === 'string' && text !== '')).toBe(true)
        expect(read(`${folder}/${name}.js`)).toContain(`//# sourceMappingURL=${name}.js.map`)
      }
    }
  })

  test('has standalone files that can be found by their names, to be copied or served', () => {
    const found = createRequire(installed('..')).resolve('partyline/standalone/worker.js')
    expect(found).toBe(realpathSync(installed('dist/standalone/worker.js')))
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

  test('keeps the inspector, which is imported for its effect', async () => {
    expect(await bundled("import 'partyline/inspector'")).toContain('partyline-inspector')
  })

  test('keeps nothing of what is imported and not used', async () => {
    expect((await bundled("import { connect } from 'partyline'")).trim()).toBe('')
  })
})

describe('on a server', () => {
  test('importing it is harmless: no globals of a browser are touched', () => {
    const program = ENTRIES.map(
      ({ specifier }) => `console.log(Object.keys(await import('${specifier}')).sort().join())`,
    ).join('\n')
    writeFileSync(join(app, 'server.mjs'), program)
    const said = execFileSync(process.execPath, ['server.mjs'], { cwd: app, encoding: 'utf8' })
    expect(said.trim().split('\n')).toEqual([
      'PartylineError,connect,reloader',
      'PartylineError,backoff,roomDialect,serve',
      'PartylineError,backoff,jsonDialect,serve',
      'PartylineError,backoff,serve',
      'PartylineError,backoff,roomDialect,serve',
      'PartylineError,backoff,jsonDialect,roomDialect,serve',
      'PartylineInspector',
      'LineProvider,createHooks,useGap,useLatest,useLead,useLine,usePanel,usePanelState,useStatus',
      'createFakeLine',
      'linkScenarios',
    ])
  })
})

const PAGE = ['es2022', 'dom', 'dom.iterable']
const PROGRAMS = ['page.ts', 'react.ts', 'inspector.tsx', 'testing.ts']

test('the fake line throws the errors of the package, not a second class of them', () => {
  writeFileSync(
    join(app, 'fake.mjs'),
    `import { PartylineError } from 'partyline'
    import { createFakeLine } from 'partyline/testing'
    const { line } = createFakeLine()
    line.close()
    await line.inspect().catch((error) => console.log(error instanceof PartylineError, error.reason))`,
  )
  const said = execFileSync(process.execPath, ['fake.mjs'], { cwd: app, encoding: 'utf8' })
  expect(said.trim()).toBe('true closed')
})

describe('its types, libraries checked too', () => {
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
  ])('hold in a page and its worker: module %s, moduleResolution %s', ([module, moduleResolution]) => {
    const resolution = { module, moduleResolution }
    const page = { ...resolution, lib: PAGE, jsx: 'react-jsx' }
    expect(compile(page, PROGRAMS)).toBe('')
    expect(compile({ ...resolution, lib: ['es2022', 'webworker'] }, ['dashboard.ts'])).toBe('')
  })

  test.for([
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])('hold where no framework is installed: module %s, moduleResolution %s', ([module, moduleResolution]) => {
    const bare = mkdtempSync(join(tmpdir(), 'partyline-bare-'))
    onTestFinished(() => rmSync(bare, { recursive: true, force: true }))
    // A copy: behind a link, the compiler would find what is installed beside the original.
    cpSync(installed('.'), join(bare, 'node_modules/partyline'), { recursive: true })
    writeFileSync(join(bare, 'package.json'), '{ "type": "module" }')
    writeFileSync(
      join(bare, 'page.ts'),
      `import { connect } from 'partyline'
      import 'partyline/inspector'
      const inspector = document.createElement('partyline-inspector')
      inspector.line = connect((options) => new Worker('/worker.js', options))
      // @ts-expect-error: that is no line
      inspector.line = 'errors'`,
    )
    expect(compile({ module, moduleResolution, lib: PAGE }, ['page.ts'], bare)).toBe('')
  })

  test.for([
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])(
    'are those of the package in standalone files, too: module %s, moduleResolution %s',
    ([module, moduleResolution]) => {
      const standalone = (name: string) => `./node_modules/partyline/dist/standalone/${name}.js`
      writeFileSync(
        join(app, 'plain.ts'),
        `import { connect } from '${standalone('index')}'
      import '${standalone('inspector')}'
      import type { Line } from 'partyline'
      import { serve } from 'partyline/standalone/worker.js'
      const line: Line = connect((options) => new SharedWorker('/worker.js', { ...options, type: 'module' }))
      document.createElement('partyline-inspector').line = line
      serve({ panels: { errors: ['errors'] } })
      // @ts-expect-error: panels are missing
      serve({})`,
      )
      expect(compile({ module, moduleResolution, lib: PAGE }, ['plain.ts'])).toBe('')
    },
  )

  test.for(['preact', 'solid-js'])('tell the JSX of %s of the inspector', (framework) => {
    // What the declarations of both have in common.
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
      // @ts-expect-error: that is no line
      export const wrong = <partyline-inspector line="errors" />`,
    )
    const options = { module: 'esnext', moduleResolution: 'bundler', lib: PAGE }
    const jsx = { jsx: 'react-jsx', jsxImportSource: framework }
    expect(compile({ ...options, ...jsx }, ['other.tsx'])).toBe('')
  })

  test('are missed when they are not there', () => {
    writeFileSync(join(app, 'lost.ts'), "import { lost } from 'partyline'\nlost()\n")
    expect(
      compile({ module: 'node16', moduleResolution: 'node16', lib: ['es2022', 'dom'] }, ['lost.ts']),
    ).toMatch(/TS2305.*lost/)
  })
})
