import type { SessionKey } from '../link/link'
import type { ScenarioPart, Stage } from './scenario'
import type { WatchedLink } from './watched-link'

/** The key of an open session, once a message has told a position in it. */
async function keyOf(link: WatchedLink, { harness }: Stage): Promise<SessionKey> {
  await harness.publish([1])
  await link.until('message 1, with its position in the session', () => link.position() !== undefined)
  const id = link.opened.at(-1)?.session
  link.expect('"opened" to tell the session', id !== undefined)
  return { id: id ?? '', position: link.position() ?? '' }
}

async function isRecovered(link: WatchedLink, session: SessionKey) {
  await link.open({ session })
  await link.until('message 2, which was missed', () => link.numbers.includes(2))
  await link.quiet()
  link.expect('"opened" to say that the session is recovered', link.opened.at(-1)?.recovered === true)
}

/** Sessions that the server recovers. */
export const sessionScenarios: readonly ScenarioPart[] = [
  {
    name: 'the connection breaks - the session is recovered, and what was missed comes once',
    needs: ({ recovers }) => recovers === true,
    async run(stage) {
      const link = stage.watch()
      await link.open()
      const session = await keyOf(link, stage)
      await stage.harness.cut()
      await link.until('"lost"', () => link.lost.length > 0)
      await stage.harness.publish([2])
      await isRecovered(link, session)
      link.expect('messages 1 and 2, each once', link.numbers.join() === '1,2')
    },
  },
  {
    name: 'the link is released - another link recovers the session, and gets what was missed once',
    needs: ({ recovers }) => recovers === true,
    async run(stage) {
      const link = stage.watch()
      await link.open()
      const session = await keyOf(link, stage)
      link.expect('"release" to resolve to true', (await link.end('release')) === true)
      await stage.harness.publish([2])
      const heir = stage.watch()
      await isRecovered(heir, session)
      heir.expect('message 2, once', heir.numbers.join() === '2')
    },
  },
  {
    name: 'another session than any of the server - opened, not recovered',
    needs: ({ recovers }) => recovers === true,
    async run({ watch }) {
      const link = watch()
      await link.open({ session: { id: 'unknown', position: 'unknown' } })
      link.expect('"opened" not to say that a session is recovered', link.opened[0]?.recovered === false)
    },
  },
]
