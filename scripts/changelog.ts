/** A section of CHANGELOG.md. There is one for each version, the newest first, marked `(unreleased)` until its release. */
export interface Section {
  readonly version: string
  /** The day of its release, or `unreleased`. */
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
          `CHANGELOG.md: "${heading}" should be "## <version> (unreleased)" or "## <version> (<year>-<month>-<day>)".`,
        )
      }
      return { version, day, notes: lines.join('\n').trim() }
    })
}

/** Returns the changelog with the date of the version's release. Throws if its section is not unreleased, or is empty. */
export function dateSection(changelog: string, version: string, day: string): string {
  const [newest] = readSections(changelog)
  if (newest?.version !== version) {
    throw new Error(
      `CHANGELOG.md starts with ${newest?.version ?? 'no section'}, but the version in package.json is ${version}.`,
    )
  }
  if (newest.day !== 'unreleased') throw new Error(`CHANGELOG.md: ${version} was released on ${newest.day}.`)
  if (newest.notes === '') throw new Error(`CHANGELOG.md has no notes for ${version}.`)
  return changelog.replace(`## ${version} (unreleased)`, `## ${version} (${day})`)
}
