import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksIn } from './blocks'
import { linksIn, sectionsIn } from './links'
import { ROOT, readPages } from './pages'

const pages = readPages()

test('every link in the docs leads to an existing file and section', () => {
  const broken: string[] = []
  const sections = new Map(pages.map(({ path, text }) => [path, sectionsIn(text)]))
  for (const { path, text } of pages) {
    for (const { line, target } of linksIn(text)) {
      const [file = '', section] = target.split('#')
      const to = file === '' ? path : join(dirname(path), file)
      const isThere = existsSync(join(ROOT, to))
      const isSection = section === undefined || sections.get(to)?.includes(section) === true
      if (!isThere || !isSection) broken.push(`${path}:${line}: ${target}`)
    }
  }
  expect(broken).toEqual([])
})

test('the index has a link to every page of the docs', () => {
  const index = pages.find(({ path }) => path === 'docs/README.md')
  const linked = linksIn(index?.text ?? '').map(({ target }) => join('docs', target))
  const others = pages.map(({ path }) => path).filter((path) => /^docs\/(?!README)/.test(path))
  expect(others.filter((path) => !linked.includes(path))).toEqual([])
})

test('every preamble is used', () => {
  const used = new Set(
    pages.flatMap(({ path, text }) => blocksIn(path, text)).map(({ preamble }) => preamble),
  )
  const there = readdirSync(join(ROOT, 'test/docs/preambles')).map((name) => name.replace(/\.ts$/, ''))
  expect(there.filter((name) => !used.has(name))).toEqual([])
})

test('linksIn returns links in text, but not in code or to other sites', () => {
  const page =
    'See [a](b.md) and `[x](y.md)`.\n```md\n[c](d.md)\n```\n![i](i.svg) [s](https://x.test/a) [t](#here)'
  expect(linksIn(page)).toEqual([
    { line: 1, target: 'b.md' },
    { line: 5, target: 'i.svg' },
    { line: 5, target: '#here' },
  ])
})

test('sectionsIn names sections as GitHub does', () => {
  const page = '# The `line`: how, and why\n```sh\n# not one\n```\n## Twice\n## Twice\n'
  expect(sectionsIn(page)).toEqual(['the-line-how-and-why', 'twice', 'twice-1'])
})
