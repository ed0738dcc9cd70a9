import type { ScenarioPart } from './scenario'

/** Rooms that are joined without a message. */
export const roomScenarios: readonly ScenarioPart[] = [
  {
    name: 'rooms are joined - one of the dial, another, and one that was left before, each answered with `rooms.up`',
    needs: ({ rooms }) => rooms !== undefined,
    async run({ harness, watch }) {
      const [one = '', other = ''] = harness.rooms ?? []
      const link = watch()
      await link.open()
      await link.until(`"rooms.up" of "${one}"`, () => link.joined.includes(one))
      const join = async (room: string) => {
        const before = link.joined.length
        link.join(room)
        await link.until(`"rooms.up" of "${room}"`, () => link.joined.slice(before).includes(room))
      }
      await join(other)
      await harness.publish([1])
      await link.until('message 1', () => link.numbers.length > 0)
      link.leave(other)
      await join(other)
      await harness.publish([2])
      await link.until('message 2', () => link.numbers.includes(2))
      link.expect('no "lost"', link.lost.length === 0)
    },
  },
  {
    name: 'the link is dropped while a room is joined - nothing is called, and a second dial opens',
    needs: ({ rooms }) => rooms !== undefined,
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      for (const room of harness.rooms ?? []) link.join(room)
      await link.end('drop')
      await link.quiet()
      await link.open()
    },
  },
]
