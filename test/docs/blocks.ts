/** A fenced block of code in a page of the docs. */
export interface Block {
  /** The page's path. */
  readonly page: string
  /** The line of the page that the code begins in, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /**
   * The file it is in the reader's project: its first line is a comment with nothing but that, the line above it ends with
   * it, or it is one of ours.
   */
  readonly name?: string
  /** `<!-- with: NAME -->`: what stands before it when it is compiled. */
  readonly preamble?: string
  /** `<!-- from: PATH -->`: the file of this repository that it is, word for word. */
  readonly from?: string
  /** `<!-- run -->`: it is run in Node, and holds if it does not throw. */
  readonly runs: boolean
  /** `<!-- not compiled: REASON -->`. */
  readonly skipped?: string
}

const FENCE = /^(\s*)(`{3,})\s*([\w-]*).*$/
const COMMENT = /^\s*<!--\s*(with|from|run|not compiled)(?::\s*(.+?))?\s*-->\s*$/
const NAME = /^(?:\/\/|<!--) ([\w./-]+\.(?:tsx?|m?js|html))(?: -->)?$/
/** The end of a line of prose that says what file the block below is. */
const SAID = /`([\w./-]+\.(?:tsx?|m?js|html))`:?$/
const COMPILED = new Set(['ts', 'tsx', 'js', 'typescript', 'javascript', 'jsx', 'mjs'])

export const isCompiled = ({ language, skipped }: Block): boolean =>
  COMPILED.has(language) && skipped === undefined

/** The fenced blocks of a page, with what the comments right before them say. */
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
      blocks.push(blockOf(page, open, notes, SAID.exec(above)?.[1]))
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
  if (open) throw new Error(`${page}:${open.line - 1}: this block is not closed.`)
  return blocks
}

function blockOf(
  page: string,
  { language, line, code }: { language: string; line: number; code: readonly string[] },
  notes: ReadonlyMap<string, string>,
  said: string | undefined,
): Block {
  const skipped = notes.get('not compiled')
  if (skipped === '') throw new Error(`${page}:${line - 1}: say why this block is not compiled.`)
  const preamble = notes.get('with')
  const from = notes.get('from')
  const name = NAME.exec(code[0] ?? '')?.[1] ?? said ?? from?.split('/').at(-1)
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
