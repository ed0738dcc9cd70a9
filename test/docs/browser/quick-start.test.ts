import { expect, test } from 'vitest'
import { nodeCommands } from './node-commands'
import type { QuickStart } from './quick-start'

test('the quick start, followed word for word - two tabs share one connection, also after a server restart and a change of the worker file', async () => {
  const { texts, reports } = (await nodeCommands.docsQuickStart()) as QuickStart
  const [online, offline, again, changed] = texts
  const why = reports.join('\n')
  for (const text of online ?? []) expect(text, why).toMatch(/^online\s+.*: 1 connection\(s\)$/)
  for (const text of offline ?? []) expect(text).toMatch(/^offline\s/)
  for (const text of again ?? []) expect(text).toMatch(/^online\s/)
  for (const text of changed ?? []) expect(text, why).toMatch(/^clock: .*: 1 connection\(s\)$/s)
  expect(texts.map((each) => each.length)).toEqual([2, 2, 2, 2])
})
