import { describe } from 'vitest'
import { GUARANTEES } from './guarantees'
import { type Guarantee, KINDS } from './kinds'
import { missing, test } from './server'

for (const kind of KINDS)
  describe.skipIf(missing[kind.server])(kind.name, () => {
    for (const [guarantee, check] of Object.entries(GUARANTEES))
      test.skipIf(kind.reasons[guarantee as Guarantee])(guarantee, async ({ start }) =>
        check(await start(kind)),
      )
  })
