import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, readPages } from './pages'

const text = readPages().find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? ''

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`)

/** The files in the tables of folders: a heading names the folder, the first cell of each row a file in it. */
const inTables = text.split(/^##+ /m).flatMap((section) => {
  const [, folder] = /^`(.+)\/`\n/.exec(section) ?? []
  if (folder === undefined) return []
  return [...section.matchAll(/^\| `(.+?)` \|/gm)].map(([, name]) => `${folder}/${name}`)
})

test('ARCHITECTURE.md has every source file in the table of its folder, once, and no others', () => {
  const sources = ['shared', 'src', 'worker', 'inspector'].flatMap(filesIn)
  expect(inTables.toSorted()).toEqual(sources.filter((path) => /\.tsx?$/.test(path)).toSorted())
})

test('every file that ARCHITECTURE.md names exists', () => {
  const folders = ['shared', 'src', 'worker', 'inspector', 'test', 'scripts', 'bench', 'demo', 'docs']
  const all = folders.flatMap(filesIn)
  const named = [...text.matchAll(/`([\w./-]+\.(?:tsx?|md))`/g)].map(([, name = '']) => name)
  const isThere = (name: string) =>
    existsSync(join(ROOT, name)) || all.some((path) => path.endsWith(`/${name}`))
  expect(named.filter((name) => !isThere(name))).toEqual([])
})
