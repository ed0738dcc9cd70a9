import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAst } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bundle, bundleStandalone } from '../../scripts/bundle'
import { ENTRIES, ROOT } from '../../scripts/entries'

/** What each entry in `dist/` imports. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  index: ['comlink'],
  worker: ['comlink', 'idb-keyval', 'socket.io-client', 'socket.io-parser'],
  'worker-websocket': ['comlink', 'idb-keyval'],
  'worker-action-cable': ['comlink', 'idb-keyval'],
  'worker-sse': ['comlink', 'idb-keyval'],
  'worker-link': ['comlink', 'idb-keyval'],
  inspector: [],
  react: ['./index.js', 'react'],
  testing: ['./index.js'],
  'testing-link': [],
}

const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>
}
const isDependency = (specifier: string) => specifier in dependencies
const NAMES = ENTRIES.map(({ name }) => name)

let dist: string
beforeAll(async () => {
  dist = mkdtempSync(join(tmpdir(), 'partyline-bundle-'))
  await bundle(dist)
  await bundleStandalone(join(dist, 'standalone'))
})
afterAll(() => rmSync(dist, { recursive: true, force: true }))
const read = (path: string) => readFileSync(join(dist, path), 'utf8')

/** What a script imports, sorted. */
function importsOf(path: string): readonly string[] {
  const code = read(path)
  expect(code, `${path} imports nothing while it runs`).not.toMatch(/\bimport\(|\brequire\(/)
  const specifiers = parseAst(code).body.flatMap((statement) =>
    'source' in statement && statement.source ? [statement.source.value] : [],
  )
  return [...new Set(specifiers)].sort()
}

/** The packages that a script contains, sorted. */
function packagesIn(path: string): readonly string[] {
  const { sources } = JSON.parse(read(`${path}.map`)) as { sources: readonly string[] }
  const names = sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? [])
  return [...new Set(names)].sort()
}

/** The modules of ours that a script contains. */
function modulesIn(path: string): readonly string[] {
  const { sources } = JSON.parse(read(`${path}.map`)) as { sources: readonly string[] }
  return sources.flatMap((source) => /(?:^|\/)((?:shared|src|worker)\/.*)$/.exec(source)?.[1] ?? [])
}

/** The folders of links that each worker contains. A link of the app's own needs none. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  worker: ['socket-io'],
  'worker-websocket': ['websocket'],
  'worker-action-cable': ['action-cable', 'websocket'],
  'worker-sse': ['sse'],
  'worker-link': [],
}

describe('a worker', () => {
  test('is listed here with its links', () => {
    expect(Object.keys(LINKS).sort()).toEqual(NAMES.filter((name) => name.startsWith('worker')).sort())
  })

  test.for(Object.entries(LINKS))('contains its own links and no other: %s', ([name, links]) => {
    for (const path of [`${name}.js`, `standalone/${name}.js`]) {
      const found = modulesIn(path).flatMap((module) => /^worker\/link\/(.+)\//.exec(module)?.[1] ?? [])
      expect([...new Set(found)].sort(), path).toEqual(links)
    }
  })

  test.for(Object.keys(LINKS).filter((name) => name !== 'worker'))(
    'contains nothing of Socket.IO where its server does not speak it: %s',
    (name) => {
      for (const path of [`${name}.js`, `standalone/${name}.js`]) {
        expect(packagesIn(path).filter((each) => /socket|engine/.test(each))).toEqual([])
        expect(read(path)).not.toMatch(/socket\.io|engine\.io|EIO/i)
      }
    },
  )
})

describe('a worker whose server', () => {
  test.for([
    [
      'acknowledges nothing - contains nothing of kept messages',
      'worker-action-cable',
      /^worker\/(sends\/(kept|redelivery|outcomes)|persistence\/kept-records)\.ts$/,
    ],
    [
      'cannot be sent anything - contains nothing of messages of pages',
      'worker-sse',
      /^worker\/(sends\/|persistence\/kept-records)/,
    ],
  ] as const)('%s', ([, name, pattern]) => {
    const found = (path: string) => modulesIn(path).filter((module) => pattern.test(module))
    for (const path of [`${name}.js`, `standalone/${name}.js`]) expect(found(path), path).toEqual([])
    expect(found('worker.js').length, 'where messages are sent and kept').toBeGreaterThan(3)
  })
})

describe('an entry in dist/', () => {
  test('is listed here with its imports', () => {
    expect(Object.keys(IMPORTS).sort()).toEqual([...NAMES].sort())
  })

  test.for(NAMES)('imports its dependencies and nothing else: %s', (name) => {
    expect(importsOf(`${name}.js`)).toEqual(IMPORTS[name])
  })

  test.for(NAMES)('contains no dependency: %s', (name) => {
    expect(packagesIn(`${name}.js`)).toEqual([])
  })

  test('uses the socket.io-parser of socket.io-client', () => {
    const ours = createRequire(join(ROOT, 'package.json'))
    const client = createRequire(ours.resolve('socket.io-client'))
    expect(client.resolve('socket.io-parser')).toBe(ours.resolve('socket.io-parser'))
  })
})

describe('an entry in dist/standalone/', () => {
  test('of a page, a worker and an inspector loads as a plain file, with nothing to resolve', () => {
    for (const name of ['index', ...Object.keys(LINKS), 'inspector']) {
      expect(importsOf(`standalone/${name}.js`), name).toEqual([])
    }
  })

  test.for(NAMES)('imports at most ./index.js, for one PartylineError in a page, and React: %s', (name) => {
    const others = IMPORTS[name]?.filter((specifier) => !isDependency(specifier))
    expect(importsOf(`standalone/${name}.js`)).toEqual(others)
  })

  test.for(NAMES)('contains its dependencies, in their builds for production: %s', (name) => {
    const packages = packagesIn(`standalone/${name}.js`)
    expect(packages).toEqual(expect.arrayContaining(IMPORTS[name]?.filter(isDependency) ?? []))
    expect(packages).not.toContain('debug')
  })

  test.for(NAMES)('lists the licenses of the packages it contains, with their versions: %s', (name) => {
    const heading = /^## (\S+) - \d+\.\d+\.\d+ \(\S+\)$/gm
    const listed = [...read(`standalone/${name}.licenses.md`).matchAll(heading)].map(([, one]) => one)
    expect(listed.sort()).toEqual(packagesIn(`standalone/${name}.js`))
  })

  test('loads where nothing is installed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'partyline-standalone-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(join(dist, 'standalone'), folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(
      join(folder, 'page.js'),
      `import { connect, PartylineError } from './index.js'
      import { serve } from './worker.js'
      import { PartylineInspector } from './inspector.js'
      import { createFakeLine } from './testing.js'
      console.log(typeof connect, typeof serve, typeof PartylineInspector)
      const { line } = createFakeLine()
      line.close()
      await line.inspect().catch((error) => console.log(error instanceof PartylineError, error.reason))`,
    )
    const said = execFileSync(process.execPath, ['page.js'], { cwd: folder, encoding: 'utf8' })
    expect(said).toBe('function function function\ntrue closed\n')
  })
})
