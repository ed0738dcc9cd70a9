/** CHANGELOG.md: a section per version, the newest first, `(unreleased)` until it is out. */
export interface Section {
  readonly version: string
  /** The day it came out, or `unreleased`. */
  readonly day: string
  readonly notes: string
}

const HEADING = /^## (\d+\.\d+\.\d+\S*) \((unreleased|\d{4}-\d{2}-\d{2})\)$/

export function readSections(changelog: string): readonly Section[] {
  return changelog
    .split(/^(?=## )/m)
    .filter((part) => part.startsWith('## '))
    .map((part) => {
      const [heading = '', ...lines] = part.split('\n')
      const [, version, day] = HEADING.exec(heading) ?? []
      if (version === undefined || day === undefined) {
        throw new Error(
          `CHANGELOG.md: "${heading}" should be "## <version> (unreleased)", or a day in its place.`,
        )
      }
      return { version, day, notes: lines.join('\n').trim() }
    })
}

/** The changelog with the version's section dated. Throws where there is nothing to date, or nothing in it. */
export function dateSection(changelog: string, version: string, day: string): string {
  const [newest] = readSections(changelog)
  if (newest?.version !== version) {
    throw new Error(
      `CHANGELOG.md begins with ${newest?.version ?? 'nothing'}, and package.json says ${version}.`,
    )
  }
  if (newest.day !== 'unreleased') throw new Error(`CHANGELOG.md: ${version} came out on ${newest.day}.`)
  if (newest.notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}.`)
  return changelog.replace(`## ${version} (unreleased)`, `## ${version} (${day})`)
}
