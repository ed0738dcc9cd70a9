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

test('readSections returns the sections, the newest first', () => {
  expect(readSections(TEXT)).toEqual([
    { version: '0.2.0', day: 'unreleased', notes: '- **More**, and why.' },
    { version: '0.1.0', day: '2026-01-02', notes: '- **The first.**' },
  ])
})

test('a release sets the date of its own section, and changes nothing else', () => {
  expect(dateSection(TEXT, '0.2.0', '2026-03-04')).toBe(TEXT.replace('(unreleased)', '(2026-03-04)'))
})

test('a release is refused if the changelog does not start with its version', () => {
  expect(() => dateSection(TEXT, '0.3.0', '2026-03-04')).toThrow('starts with 0.2.0')
  expect(() => dateSection(TEXT, '0.1.0', '2026-03-04')).toThrow('starts with 0.2.0')
})

test('a release is refused if its section is already dated, or has no notes', () => {
  expect(() => dateSection(dateSection(TEXT, '0.2.0', '2026-03-04'), '0.2.0', '2026-03-05')).toThrow(
    '0.2.0 was released on 2026-03-04',
  )
  expect(() => dateSection(TEXT.replace('- **More**, and why.\n', ''), '0.2.0', '2026-03-04')).toThrow(
    'has no notes for 0.2.0',
  )
})

test('a malformed heading is named in the error', () => {
  expect(() => readSections('## Next\n')).toThrow('"## Next" should be')
})

test('the changelog starts with the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(readSections(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'))[0]).toMatchObject({
    version,
    notes: expect.stringMatching(/\S/),
  })
})
