import { describe, expect } from 'vitest'
import { GUARANTEES } from './guarantees'
import { type Guarantee, KINDS } from './kinds'
import { checkMatrix, missing, test } from './server'

const passed: Record<string, string[]> = {}

for (const kind of KINDS) {
  const has: string[] = []
  passed[kind.name] = has
  describe.skipIf(missing[kind.server])(kind.name, () => {
    for (const [guarantee, check] of Object.entries(GUARANTEES))
      test.skipIf(kind.reasons?.[guarantee as Guarantee])(guarantee, async ({ start }) => {
        await check(await start(kind))
        has.push(guarantee)
      })
  })
}

test.skipIf(Object.keys(missing).length > 0)(
  'the table in docs/links.md - it says what this run has seen',
  async () => {
    expect(await checkMatrix(Object.keys(GUARANTEES), passed)).toBeUndefined()
  },
)
