import { expect, test } from 'vitest'
import { createRecorder } from '../../worker/recorder'
import { readPages } from './pages'

/** Names in the first column of a section's table. */
function namesIn(page: string, section: string): readonly string[] {
  const text = readPages().find(({ path }) => path === page)?.text ?? ''
  const [, part = ''] = text.split(`## ${section}\n`)
  const rows = part
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| `'))
  return (rows ?? []).flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  )
}

test('every counter is explained, and no other', () => {
  expect(namesIn('docs/debugging.md', 'The counters').toSorted()).toEqual(
    Object.keys(createRecorder().counters()).toSorted(),
  )
})
