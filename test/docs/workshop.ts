import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Block } from './blocks.ts'
import { ROOT } from './pages.ts'

/** A folder in which the blocks of the docs are files. */
export interface Workshop {
  readonly folder: string
  /** Where a block was written to. */
  readonly pathOf: (block: Block) => string
  /** What the compiler says against them, each with its place in the page. */
  compile(): readonly string[]
  remove(): void
}

const CONFIG = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node', 'vite/client'],
    jsx: 'react-jsx',
    allowJs: true,
    checkJs: true,
    noImplicitAny: true,
    // A block shows a part of a program.
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: {
      partyline: [join(ROOT, 'src/index.ts')],
      'partyline/worker': [join(ROOT, 'worker/index.ts')],
    },
  },
  include: ['**/*'],
  exclude: ['node_modules'],
}

const preambleOf = ({ page, line, preamble }: Block): string => {
  if (preamble === undefined) return ''
  try {
    return readFileSync(join(ROOT, 'test/docs/preambles', `${preamble}.ts`), 'utf8')
  } catch (cause) {
    throw new Error(`${page}:${line - 1}: there is no preamble "${preamble}".`, { cause })
  }
}

const inOrder = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })

/** Writes blocks down: those of a page in a folder of its own, so that files the reader is to name can import each other. */
export function openWorkshop(blocks: readonly Block[]): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-docs-'))
  const written = new Map<string, { readonly block: Block; readonly before: number }>()
  const paths = new Map<Block, string>()
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))

  for (const block of blocks) {
    const { page, line, code, name, language } = block
    const path = join(basename(page, '.md'), name ?? `line-${line}.${language === 'tsx' ? 'tsx' : 'ts'}`)
    if (written.has(path)) throw new Error(`${page}:${line}: there are two files ${name}.`)
    const preamble = preambleOf(block)
    const full = join(folder, path)
    mkdirSync(dirname(full), { recursive: true })
    // A block without imports is a module all the same.
    writeFileSync(full, `${preamble}${code}\nexport {}\n`)
    written.set(path, { block, before: preamble.split('\n').length - 1 })
    paths.set(block, full)
  }

  function place(complaint: string): string {
    const [, path = '', line, rest] = /^(.+?)\((\d+),\d+\): (.*)$/s.exec(complaint) ?? []
    const at = written.get(path)
    if (!at) return complaint
    const inCode = Number(line) - at.before
    return inCode > 0
      ? `${at.block.page}:${at.block.line + inCode - 1}: ${rest}`
      : `${at.block.page}:${at.block.line}: in its preamble "${at.block.preamble}": ${rest}`
  }

  return {
    folder,
    pathOf(block) {
      const path = paths.get(block)
      if (path === undefined) throw new Error(`${block.page}:${block.line} was not written down.`)
      return path
    },
    compile() {
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [tsc, '-p', folder, '--pretty', 'false'],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      )
      if (status === 0) return []
      const said = `${stdout}${stderr}`.trim()
      // A complaint's further lines are indented.
      return said === ''
        ? [`The compiler ended with ${status}.`]
        : said
            .split(/\n(?=\S)/)
            .map(place)
            .sort(inOrder)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
