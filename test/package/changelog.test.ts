import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dateSection, readSections } from '../../scripts/changelog'
import { ROOT } from '../../scripts/entries'

const TEXT = `# Changelog

## 0.2.0 (unreleased)

- **More**, and why.

## 0.1.0 (2026-01-02)

- **The first.**
`

test('sections are read, the newest first', () => {
  expect(readSections(TEXT)).toEqual([
    { version: '0.2.0', day: 'unreleased', notes: '- **More**, and why.' },
    { version: '0.1.0', day: '2026-01-02', notes: '- **The first.**' },
  ])
})

test('a release dates its own section and touches nothing else', () => {
  expect(dateSection(TEXT, '0.2.0', '2026-03-04')).toBe(TEXT.replace('(unreleased)', '(2026-03-04)'))
})

test('a release of a version the changelog does not begin with is refused', () => {
  expect(() => dateSection(TEXT, '0.3.0', '2026-03-04')).toThrow('begins with 0.2.0')
  expect(() => dateSection(TEXT, '0.1.0', '2026-03-04')).toThrow('begins with 0.2.0')
})

test('a version is released once, and not without a word', () => {
  expect(() => dateSection(dateSection(TEXT, '0.2.0', '2026-03-04'), '0.2.0', '2026-03-05')).toThrow(
    '0.2.0 came out on 2026-03-04',
  )
  expect(() => dateSection(TEXT.replace('- **More**, and why.\n', ''), '0.2.0', '2026-03-04')).toThrow(
    'says nothing of 0.2.0',
  )
})

test('a heading of another shape is named', () => {
  expect(() => readSections('## Next\n')).toThrow('"## Next" should be')
})

test('the changelog begins with the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(readSections(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'))[0]).toMatchObject({
    version,
    notes: expect.stringMatching(/\S/),
  })
})
