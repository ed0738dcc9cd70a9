import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dateSection, readSections } from './changelog'
import { ROOT } from './entries'

/**
 * `npm run release`: sets the date of the changelog's newest section, commits, and tags. It does not push: push the tag by
 * hand, and publish from it in CI, where npm can prove the package's origin (`publishConfig.provenance`).
 *
 * npm runs it with `--check` before it publishes. It then fails for a commit that is not such a tag.
 */

const path = join(ROOT, 'CHANGELOG.md')
const changelog = readFileSync(path, 'utf8')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
  repository?: unknown
}
const { version } = manifest
const tag = `v${version}`
const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()

function refuse(faults: readonly (string | false)[]) {
  const found = faults.filter((fault) => fault !== false)
  if (found.length === 0) return
  console.error(found.join('\n'))
  process.exit(1)
}

const isDirty = git('status', '--porcelain') !== '' && 'There are uncommitted changes.'

if (process.argv.includes('--check')) {
  refuse([
    isDirty,
    manifest.repository === undefined && 'package.json has no "repository", which provenance requires.',
    !git('tag', '--points-at', 'HEAD').split('\n').includes(tag) &&
      `This commit is not tagged ${tag}: run "npm run release".`,
    readSections(changelog)[0]?.day === 'unreleased' &&
      'The newest section of CHANGELOG.md has no date: run "npm run release".',
  ])
} else {
  refuse([
    isDirty,
    git('tag', '--list', tag) !== '' && `The tag ${tag} already exists: raise the version in package.json.`,
  ])
  writeFileSync(path, dateSection(changelog, version, new Date().toISOString().slice(0, 10)))
  git('commit', '--all', '--message', `Release ${version}`)
  git('tag', '--annotate', tag, '--message', readSections(readFileSync(path, 'utf8'))[0]?.notes ?? '')
  console.log(`Created the tag ${tag}. Push it with its branch, and publish from there.`)
}
