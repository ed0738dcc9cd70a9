import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ENTRIES } from '../../scripts/entries.ts'
import type { Block } from './blocks.ts'
import { ROOT } from './pages.ts'

/** A temporary folder with the blocks of the docs as files. */
export interface BlockFolder {
  readonly folder: string
  /** The path of a block's file. */
  readonly pathOf: (block: Block) => string
  /** Compiles all files. Returns the errors, each with its page and line. */
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
    // A block may show only a part of a program.
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: Object.fromEntries(ENTRIES.map(({ specifier, source }) => [specifier, [join(ROOT, source)]])),
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

interface File {
  readonly block: Block
  /** The code that is put before the block. */
  readonly preamble: string
}

/** Assigns a file to each block. Each page has its own folder. */
function filesOf(blocks: readonly Block[]): ReadonlyMap<string, File> {
  const files = new Map<string, File>()
  for (const block of blocks) {
    const { page, line, name, language } = block
    const path = join(page.replace(/\.md$/, ''), name ?? `line-${line}.${language === 'tsx' ? 'tsx' : 'ts'}`)
    if (files.has(path)) throw new Error(`${page}:${line}: there are two files ${name} in this page.`)
    files.set(path, { block, preamble: preambleOf(block) })
  }
  return files
}

/** Writes blocks to files, so that blocks with file names can import each other. */
export function openBlockFolder(blocks: readonly Block[]): BlockFolder {
  const files = filesOf(blocks)
  const folder = mkdtempSync(join(tmpdir(), 'partyline-docs-'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
  for (const [path, { block, preamble }] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    // The export makes a block without imports a module.
    writeFileSync(join(folder, path), `${preamble}${block.code}\nexport {}\n`)
  }

  /** Replaces the file and line of a compiler error with the page and its line. */
  function locate(complaint: string): string {
    const [, path = '', line, rest] = /^(.+?)\((\d+),\d+\): (.*)$/s.exec(complaint) ?? []
    const at = files.get(path)
    if (!at) return complaint
    const inCode = Number(line) - at.preamble.split('\n').length + 1
    return inCode > 0
      ? `${at.block.page}:${at.block.line + inCode - 1}: ${rest}`
      : `${at.block.page}:${at.block.line}: in its preamble "${at.block.preamble}": ${rest}`
  }

  return {
    folder,
    pathOf(block) {
      const [path] = [...files].find(([, file]) => file.block === block) ?? []
      if (path === undefined) throw new Error(`${block.page}:${block.line} is not in this folder.`)
      return join(folder, path)
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
      const output = `${stdout}${stderr}`.trim()
      // The further lines of an error are indented.
      return output === ''
        ? [`The compiler exited with ${status} and no output.`]
        : output
            .split(/\n(?=\S)/)
            .map(locate)
            .sort(inOrder)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
