export interface Link {
  /** Its line in the page, counted from 1. */
  readonly line: number
  readonly target: string
}

/** The lines of a page. Lines of fenced code are empty strings. */
function proseOf(text: string): readonly string[] {
  let isCode = false
  return text.split(/\r?\n/).map((line) => {
    const isFence = /^\s*```/.test(line)
    if (isFence) isCode = !isCode
    return isFence || isCode ? '' : line
  })
}

/** The links of a page to files of this repository and to its own sections. */
export function linksIn(text: string): readonly Link[] {
  return proseOf(text).flatMap((line, index) =>
    [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, target = '']) => ({ line: index + 1, target }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  )
}

/** The names that GitHub gives to the sections of a page. */
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
