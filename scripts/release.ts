import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dateSection, readSections } from './changelog'
import { ROOT } from './entries'

/**
 * `npm run release`: dates the changelog's newest section, commits, and tags. Nothing leaves this machine: the tag is
 * pushed by hand, and published from it where npm can prove what a package was built from (`publishConfig.provenance`).
 *
 * `--check` is what npm runs before it publishes: it lets nothing out that is not such a tag.
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

const isDirty = git('status', '--porcelain') !== '' && 'There are changes that are not committed.'

if (process.argv.includes('--check')) {
  refuse([
    isDirty,
    manifest.repository === undefined &&
      'package.json names no repository, which provenance has to point at.',
    !git('tag', '--points-at', 'HEAD').split('\n').includes(tag) &&
      `This commit is not ${tag}: npm run release.`,
    readSections(changelog)[0]?.day === 'unreleased' && 'CHANGELOG.md is not dated: npm run release.',
  ])
} else {
  refuse([isDirty, git('tag', '--list', tag) !== '' && `There is a ${tag} already: raise the version.`])
  writeFileSync(path, dateSection(changelog, version, new Date().toISOString().slice(0, 10)))
  git('commit', '--all', '--message', `Release ${version}`)
  git('tag', '--annotate', tag, '--message', readSections(readFileSync(path, 'utf8'))[0]?.notes ?? '')
  console.log(`${tag} is tagged. Push it with its branch, and publish from there.`)
}
