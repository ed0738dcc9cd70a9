export interface Link {
  /** The line of the page it is in, from 1. */
  readonly line: number
  readonly target: string
}

/** A page's lines, those of fenced code left empty. */
function proseOf(text: string): readonly string[] {
  let isCode = false
  return text.split(/\r?\n/).map((line) => {
    const isFence = /^\s*```/.test(line)
    if (isFence) isCode = !isCode
    return isFence || isCode ? '' : line
  })
}

/** The links of a page to files of this repository, and to sections of its own. */
export function linksIn(text: string): readonly Link[] {
  return proseOf(text).flatMap((line, index) =>
    [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, target = '']) => ({ line: index + 1, target }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  )
}

/** The names of a page's sections, as GitHub makes them of headings. */
export function sectionsIn(text: string): readonly string[] {
  const seen = new Map<string, number>()
  return proseOf(text).flatMap((line) => {
    const [, heading] = /^#{1,6} (.+)$/.exec(line) ?? []
    if (heading === undefined) return []
    const name = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const times = seen.get(name) ?? 0
    seen.set(name, times + 1)
    return [times === 0 ? name : `${name}-${times}`]
  })
}
