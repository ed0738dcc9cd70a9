import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SCENARIOS, SUITE } from '../engines/scenarios'
import { ROOT, readPages } from './pages'

const text = readPages().find(({ path }) => path === 'docs/engines.md')?.text ?? ''

test('each file of the browser suite is a scenario of docs/engines.md', () => {
  const files = SUITE.flatMap((folder) => readdirSync(`${ROOT}${folder}`).map((name) => `${folder}/${name}`))
  const tests = files.filter((file) => file.endsWith('.test.ts'))
  expect(SCENARIOS.map(({ file }) => file).toSorted()).toEqual(tests.toSorted())
})

test('docs/engines.md has a row for each scenario, in order, and no others', () => {
  const [, tables = ''] = text.split('| tests that passed |')
  const cells = [...tables.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name)
  const rows = cells.filter((name) => name !== '---' && name !== '**all**')
  expect(rows, 'npm run test:engines -- --write writes the page').toEqual(SCENARIOS.map(({ name }) => name))
})
