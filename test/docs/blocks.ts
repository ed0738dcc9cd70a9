/** A fenced block of code in a page of the docs. */
export interface Block {
  /** The page's path. */
  readonly page: string
  /** The line of the page on which the code starts, counted from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /**
   * Its file in the reader's project: the block's first line is a comment with only this name, or the line above the block
   * ends with it, or `from` does.
   */
  readonly name?: string
  /** `<!-- with: NAME -->`: the preamble that is put before it to compile it. */
  readonly preamble?: string
  /** `<!-- from: PATH -->`: the file of this repository that it must be an exact copy of. */
  readonly from?: string
  /** `<!-- run -->`: it is run in Node, and must not throw. */
  readonly runs: boolean
  /** `<!-- not compiled: REASON -->`: why it is not compiled. */
  readonly skipped?: string
}

const FENCE = /^(\s*)(`{3,})\s*([\w-]*).*$/
const COMMENT = /^\s*<!--\s*(with|from|run|not compiled)(?::\s*(.+?))?\s*-->\s*$/
const NAME = /^(?:\/\/|<!--) ([\w./-]+\.(?:tsx?|m?js|html))(?: -->)?$/
/** The end of a line of prose that names the file of the block below. */
const NAME_ABOVE = /`([\w./-]+\.(?:tsx?|m?js|html))`:?$/
const COMPILED = new Set(['ts', 'tsx', 'js', 'typescript', 'javascript', 'jsx', 'mjs'])

export const isCompiled = ({ language, skipped }: Block): boolean =>
  COMPILED.has(language) && skipped === undefined

/** Returns the fenced blocks of a page, with the settings from the comments directly before them. */
export function blocksIn(page: string, text: string): readonly Block[] {
  const blocks: Block[] = []
  let notes = new Map<string, string>()
  let above = ''
  let open: { indent: number; fence: string; language: string; line: number; code: string[] } | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (open) {
      if (line.trim() !== open.fence) {
        open.code.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
        continue
      }
      blocks.push(blockOf(page, open, notes, NAME_ABOVE.exec(above)?.[1]))
      open = undefined
      notes = new Map()
      above = ''
      continue
    }
    const [, indent = '', fence, language = ''] = FENCE.exec(line) ?? []
    if (fence !== undefined) {
      open = { indent: indent.length, fence, language, line: index + 2, code: [] }
      continue
    }
    const [, note, value = ''] = COMMENT.exec(line) ?? []
    if (note !== undefined) notes.set(note, value)
    else if (line.trim() !== '') {
      notes = new Map()
      above = line.trim()
    }
  }
  if (open) throw new Error(`${page}:${open.line - 1}: this block is not closed: add a line with its fence.`)
  return blocks
}

function blockOf(
  page: string,
  { language, line, code }: { language: string; line: number; code: readonly string[] },
  notes: ReadonlyMap<string, string>,
  nameAbove: string | undefined,
): Block {
  const skipped = notes.get('not compiled')
  if (skipped === '')
    throw new Error(`${page}:${line - 1}: say why this block is not compiled: <!-- not compiled: REASON -->.`)
  const preamble = notes.get('with')
  const from = notes.get('from')
  const name = NAME.exec(code[0] ?? '')?.[1] ?? nameAbove ?? from?.split('/').at(-1)
  return {
    page,
    line,
    language,
    code: `${code.join('\n')}\n`,
    runs: notes.has('run'),
    ...(name !== undefined && { name }),
    ...(preamble !== undefined && { preamble }),
    ...(from !== undefined && { from }),
    ...(skipped !== undefined && { skipped }),
  }
}
