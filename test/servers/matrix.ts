import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Guarantee, KINDS } from './kinds.ts'

/** The table in `docs/links.md` of what each kind of server guarantees. */

const PAGE = fileURLToPath(new URL('../../docs/links.md', import.meta.url))
const BEGIN = '<!-- matrix: begin -->\n'
const END = '<!-- matrix: end -->'

/** The guarantees that have passed, by the kind of server. */
export type Passed = Readonly<Record<string, readonly string[]>>

/** The rows of a table in Markdown, with notes below. Throws if a guarantee has neither passed nor a reason. */
function render(guarantees: readonly string[], passed: Passed): string {
  const notes: string[] = []
  function cell(answer: string, note: string | undefined): string {
    if (note === undefined) return answer
    if (!notes.includes(note)) notes.push(note)
    return `${answer} (${notes.indexOf(note) + 1})`
  }
  const rows = guarantees.map((guarantee) => {
    const cells = KINDS.map(({ name, reasons, remarks }) => {
      const reason = reasons?.[guarantee as Guarantee]
      if (reason !== undefined) return cell('–', reason)
      if (passed[name]?.includes(guarantee)) return cell('yes', remarks?.[guarantee as Guarantee])
      throw new Error(`"${guarantee}" has not passed for ${name}.`)
    })
    return `| ${[guarantee, ...cells].join(' | ')} |`
  })
  return [
    `| | ${KINDS.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(KINDS.length)}`,
    ...rows,
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
    '',
  ].join('\n')
}

/**
 * Compares the table with what has passed. Returns what is wrong, or `undefined`. With `WRITE_MATRIX` set it writes the table
 * instead.
 */
export function checkMatrix(guarantees: readonly string[], passed: Passed): string | undefined {
  const page = readFileSync(PAGE, 'utf8')
  const [before = '', rest = ''] = page.split(BEGIN)
  const [written, after] = rest.split(END)
  if (after === undefined) return `docs/links.md has no "${BEGIN.trim()}" with a "${END}" after it.`
  const table = render(guarantees, passed)
  if (written === table) return undefined
  if (!process.env['WRITE_MATRIX'])
    return `The table in docs/links.md differs from this run. WRITE_MATRIX=1 npm run test:servers writes it:\n${table}`
  writeFileSync(PAGE, before + BEGIN + table + END + after)
  return undefined
}
