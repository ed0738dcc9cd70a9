import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type BlockFolder, openBlockFolder } from './block-folder'
import { type Block, blocksIn, isCompiled } from './blocks'
import { ROOT, readPages } from './pages'

const folders: BlockFolder[] = []
afterAll(() => {
  for (const folder of folders) folder.remove()
})

function folderOf(blocks: readonly Block[]): BlockFolder {
  const folder = openBlockFolder(blocks)
  folders.push(folder)
  return folder
}

const blocks = readPages().flatMap(({ path, text }) => blocksIn(path, text))
const compiled = blocks.filter(isCompiled)
const run = compiled.filter(({ runs }) => runs)
const copied = blocks.filter(({ from }) => from !== undefined)
const place = ({ page, line }: Block) => `${page}:${line}`
const folder = folderOf(compiled)

test('every block of TypeScript or JavaScript in the docs compiles against the real types', () => {
  const skipped = blocks.filter((block) => block.skipped !== undefined)
  console.log(
    `Docs: ${compiled.length} blocks compiled, ${run.length} run in Node, ${copied.length} are files that other tests run, ` +
      `${skipped.length} not compiled${skipped.map((block) => `\n  ${place(block)}: ${block.skipped}`).join('')}`,
  )
  expect(compiled.length).toBeGreaterThan(0)
  expect(folder.compile()).toEqual([])
})

test.for(run.map((block) => [place(block), block] as const))('%s runs', async ([, block]) => {
  await import(/* @vite-ignore */ folder.pathOf(block))
})

test.for(copied.map((block) => [place(block), block] as const))(
  '%s is an exact copy of the file it names',
  ([, { code, from = '' }]) => {
    expect(code).toBe(readFileSync(join(ROOT, from), 'utf8'))
  },
)

test('a block does not compile - the error has its line in the page', () => {
  const page = [
    '# A page',
    '```sh',
    'npm ci',
    '```',
    '```ts',
    "import { connect } from 'partyline'",
    "connect(() => new Worker('/worker.js'), { users: 'u-17' })",
    '```',
    '```ts',
    "const fine: string = 'fine'",
    '```',
    '<!-- with: page -->',
    '```ts',
    'line.subscribe("erors", () => {})',
    'const n: number = line.status.state',
    '```',
  ].join('\n')
  const errors = folderOf(blocksIn('bad.md', page).filter(isCompiled)).compile()
  expect(errors.map((each) => each.split(': error')[0])).toEqual(['bad.md:7', 'bad.md:14', 'bad.md:15'])
  expect(errors[0]).toContain("'users' does not exist in type 'ConnectOptions'")
})

test('blocks that name their files can import each other', () => {
  const page = (of: string) =>
    `\`\`\`ts\n// src/one.ts\nexport const one = 1\n\`\`\`\n\`\`\`ts\n// main.ts\nimport { ${of} } from './src/one'\n\`\`\``
  expect(folderOf(blocksIn('good.md', page('one'))).compile()).toEqual([])
  expect(folderOf(blocksIn('bad.md', page('two'))).compile()).toEqual([
    expect.stringMatching(/^bad\.md:7: error .*no exported member 'two'/),
  ])
})

test('a line that ends with a file name names the next block, and no other', () => {
  const page = '2. What there is: `src/a.ts`\n\n   ```ts\n   one\n   ```\n\n   ```ts\n   two\n   ```\n'
  expect(blocksIn('a.md', page).map(({ name, code }) => [name, code])).toEqual([
    ['src/a.ts', 'one\n'],
    [undefined, 'two\n'],
  ])
})

test('comments directly before a block apply to that block only', () => {
  const page = [
    '<!-- with: page -->',
    '<!-- run -->',
    '```ts',
    'one',
    '```',
    '```tsx',
    'two',
    '```',
    '<!-- not compiled: because -->',
    '',
    '```js',
    'three',
    '```',
    '<!-- run -->',
    'Words.',
    '  ```ts',
    '  four',
    '    more',
    '  ```',
  ].join('\n')
  expect(blocksIn('a.md', page)).toEqual([
    { page: 'a.md', line: 4, language: 'ts', code: 'one\n', preamble: 'page', runs: true },
    { page: 'a.md', line: 7, language: 'tsx', code: 'two\n', runs: false },
    { page: 'a.md', line: 12, language: 'js', code: 'three\n', runs: false, skipped: 'because' },
    { page: 'a.md', line: 17, language: 'ts', code: 'four\n  more\n', runs: false },
  ])
})

test('a malformed page - an error with its file and line', () => {
  expect(() => blocksIn('a.md', 'x\n```ts\none')).toThrow('a.md:2: this block is not closed')
  expect(() => blocksIn('a.md', '<!-- not compiled -->\n```ts\none\n```')).toThrow('say why')
  expect(() => openBlockFolder(blocksIn('a.md', '<!-- with: nothing -->\n```ts\none\n```'))).toThrow(
    'there is no preamble "nothing"',
  )
  const twice = '```ts\n// a.ts\n```\n'
  expect(() => openBlockFolder(blocksIn('a.md', twice + twice))).toThrow('there are two files a.ts')
})
