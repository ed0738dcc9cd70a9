import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const here = (path: string) => new URL(`../../${path}`, import.meta.url)
const recipes = readdirSync(here('test/recipes')).filter((name) => name !== 'dashboard.worker.ts')

test.for(recipes)('docs/frameworks.md shows %s as it is tried', (name) => {
  const docs = readFileSync(here('docs/frameworks.md'), 'utf8')
  expect(docs).toContain(readFileSync(here(`test/recipes/${name}`), 'utf8'))
})

test('each example of docs/frameworks.md is tried', () => {
  const docs = readFileSync(here('docs/frameworks.md'), 'utf8')
  // `test/docs` compiles those that are written for a page.
  expect(docs.match(/(?<!with: page -->\n)^```tsx?$/gm)).toHaveLength(recipes.length)
})
