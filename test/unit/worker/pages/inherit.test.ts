import { expect, test } from 'vitest'
import { z } from 'zod'
import { bodyOf, type RoomEvent } from '../../../../worker/delivery/event'
import { inherit } from '../../../../worker/pages/inherit'
import { readChecks } from '../../../../worker/schemas'

const url = 'http://localhost/'

/** The last values that a worker takes over, by the schemas of its rooms. */
function restored(values: Readonly<Record<string, unknown>>, schemas: object) {
  const rooms = Object.keys(values)
  const events = Object.entries(values).map(([room, data], index): RoomEvent => {
    const event = { id: index, room, name: 'row', at: index }
    return { ...event, size: 10, body: bodyOf(event, data) }
  })
  const kept: string[] = []
  inherit(
    {
      address: '',
      url,
      session: { worker: 'w', rooms: [], at: 0, tabs: [] },
      tabs: [['tab', [[['all'], rooms]]]],
      values: events,
      isPaused: false,
    } as never,
    {
      url,
      checks: readChecks('rooms', schemas),
      outbox: { restoreValues: (all) => kept.push(...all.map(({ room }) => room)) },
      connection: { pause() {} },
      panels: (_ref, had = []) => had,
      handover: { inherit() {} },
      sends: undefined,
      recorder: { note() {} },
    },
  )
  return kept
}

test('a worker takes over the last values that fit the schemas of its own build', () => {
  const values = { fits: { n: 1 }, fails: { n: 'text' }, changes: 5, strips: { n: 1, more: 2 }, free: 'any' }
  const row = z.object({ n: z.number() })
  const schemas = { fits: row, fails: row, strips: row, changes: z.number().transform((n) => n * 2) }
  expect(restored(values, schemas)).toEqual(['fits', 'free'])
  expect(restored(values, {})).toEqual(Object.keys(values))
})

test('a value that a schema made of a payload, such as a date, is not taken over by a schema that makes it', () => {
  const dates = z.string().transform((text) => new Date(text))
  expect(restored({ at: new Date(5) }, { at: dates })).toEqual([])
  expect(restored({ at: new Date(5) }, { at: z.date() })).toEqual(['at'])
})
