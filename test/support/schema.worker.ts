import { serve } from 'partyline/worker'
import * as v from 'valibot'
import { z } from 'zod'
import { takeOrders } from './orders'

/** The worker file of the tests of schemas. It reads its options from its own address. */

takeOrders()

const query = new URL(location.href).searchParams

serve({
  panels: {
    zod: ['zod'],
    valibot: ['valibot'],
    made: ['made/dates', 'made/functions', 'made/lists'],
    both: ['zod', 'made/lists'],
  },
  ...JSON.parse(query.get('options') ?? '{}'),
  rooms: {
    zod: z.object({ n: z.number() }),
    valibot: v.object({ n: v.number() }),
    'made/*': z.object({ at: z.string().transform((text) => new Date(text)) }),
    'made/functions': v.pipe(
      v.string(),
      v.transform((text) => () => text),
    ),
    'made/lists': v.pipe(
      v.object({ n: v.union([v.number(), v.string()]) }),
      v.transform(({ n }) => [n, n]),
    ),
  },
  sends: {
    'alarm:ack': z.object({ n: z.number(), at: z.date().transform((at) => at.toISOString()) }),
  },
  route: (name: string) => (name === 'twice' ? ['zod', 'made/lists'] : undefined),
})
