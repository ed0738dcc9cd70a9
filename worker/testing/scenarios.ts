import type { LinkHarness } from './harness'
import { roomScenarios } from './room-scenarios'
import { type Scenario, type ScenarioPart, scenarioOf } from './scenario'
import { sessionScenarios } from './session-scenarios'
import { ENDS } from './watched-link'

const TWENTY = Array.from({ length: 20 }, (_, index) => index + 1)

/** Dialling, and every way in which a connection or an attempt ends. */
const CONNECTION: readonly ScenarioPart[] = [
  {
    name: 'the server accepts - opened, once',
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      await link.quiet()
      link.expect('nothing but "opened"', link.opened.length === 1 && link.lost.length === 0)
      link.expect('no message that was missed', link.opened[0]?.missed.length === 0)
      link.expect('one connection at the server', (await harness.connected()) === 1)
    },
  },
  {
    name: 'there is no server - lost, once, without a rejection; a second dial opens',
    async run({ harness, watch }) {
      const link = watch()
      await harness.stop()
      link.dial()
      await link.until('"lost"', () => link.lost.length > 0)
      await link.quiet()
      link.expectLoss()
      await harness.start()
      await link.open()
    },
  },
  {
    name: 'the connection breaks - lost, once, without a rejection; a second dial opens',
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      await harness.cut()
      await link.until('"lost"', () => link.lost.length > 0)
      await link.quiet()
      link.expectLoss()
      await link.open()
      await link.until('one connection at the server', async () => (await harness.connected()) === 1)
    },
  },
  {
    name: 'the server stops and starts again - lost, once, and not dialled again by the link itself',
    async run({ harness, watch }) {
      const [connected, failed] = [watch(), watch()]
      await connected.open()
      await harness.stop()
      failed.dial()
      for (const link of [connected, failed]) await link.until('"lost"', () => link.lost.length > 0)
      await harness.start()
      const before = await harness.attempts()
      await connected.quiet(5)
      for (const link of [connected, failed]) link.expectLoss()
      const more = (await harness.attempts()) - before
      connected.expect(`no attempt without a dial, but the server has seen ${more}`, more === 0)
    },
  },
  {
    name: 'dialled again from within `lost` - opened, once',
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      link.once('lost', () => link.dial())
      await harness.cut()
      await link.until('"opened" after the second dial', () => link.opened.length === 2)
      await link.quiet()
      link.expectLoss()
    },
  },
  {
    name: 'ended while open - nothing is called, the server sees the end, and a second dial opens',
    async run({ harness, watch }) {
      for (const way of ENDS) {
        const link = watch()
        await link.open()
        await link.end(way)
        await link.until('no connection at the server', async () => (await harness.connected()) === 0)
        await harness.publish([1])
        await link.quiet()
        await link.open()
        await link.end('drop')
      }
    },
  },
  {
    name: 'ended right after the dial - nothing is called, and a second dial opens',
    async run({ harness, watch }) {
      for (const way of ENDS) {
        const link = watch()
        link.dial()
        const ended = link.end(way)
        await link.quiet()
        await ended
        await link.until('no connection at the server', async () => (await harness.connected()) === 0)
        await link.open()
        await link.end('drop')
      }
    },
  },
  {
    name: 'ended and dialled again at once - opened, once, with one connection',
    async run({ harness, watch }) {
      for (const way of ENDS) {
        const link = watch()
        await link.open()
        void link.end(way)
        link.dial()
        void link.end(way)
        await link.open()
        await link.quiet()
        link.expect('"opened" for the first and the last dial only', link.opened.length === 2)
        await link.until('one connection at the server', async () => (await harness.connected()) === 1)
        await link.end('drop')
        await link.until('no connection at the server', async () => (await harness.connected()) === 0)
      }
    },
  },
  {
    name: 'ended while the handshake is not answered - nothing is called, and a second dial opens',
    needs: ({ hang }) => hang !== undefined,
    async run({ harness, watch }) {
      const links = ENDS.map((way) => ({ way, link: watch() }))
      await harness.hang?.(true)
      for (const { link } of links) link.dial()
      await links[0]?.link.quiet()
      for (const { way, link } of links) await link.end(way)
      await harness.hang?.(false)
      await links[0]?.link.quiet()
      for (const { link } of links) await link.open()
    },
  },
  {
    name: 'ended from within `opened`, and from within `message` - nothing more is called',
    async run({ harness, watch }) {
      for (const way of ENDS) {
        for (const event of ['opened', 'message'] as const) {
          const link = watch()
          link.once(event, () => void link.end(way))
          link.dial()
          await link.until('"opened"', () => link.opened.length > 0)
          await harness.publish(TWENTY)
          if (event === 'message') await link.until('a message', () => link.numbers.length > 0)
          await link.quiet(0.5)
        }
      }
    },
  },
  {
    name: 'released in any state - it resolves to whether the session can be recovered',
    async run({ harness, watch }) {
      const [fresh, open, broken] = [watch(), watch(), watch()]
      await open.open()
      await broken.open()
      await harness.cut()
      for (const link of [open, broken]) await link.until('"lost"', () => link.lost.length > 0)
      await open.open()
      for (const link of [fresh, open, broken, open]) {
        let answer: unknown
        void link.end('release').then((resolved) => {
          answer = resolved
        })
        await link.until('"release" to resolve to true or false', () => typeof answer === 'boolean')
      }
    },
  },
  {
    name: 'a function of the app throws during the attempt - lost, once, and the dial does not throw',
    needs: ({ createBrokenLink }) => createBrokenLink !== undefined,
    async run({ harness, watch }) {
      const link = watch((events) => harness.createBrokenLink?.(events) ?? harness.createLink(events))
      for (const times of [1, 2]) {
        link.dial()
        await link.until('"lost"', () => link.lost.length === times)
        await link.quiet()
        link.expect('"lost" with a reason', link.lost.at(-1)?.reason !== '')
      }
    },
  },
  {
    name: 'the server refuses the user - lost, with a rejection; another token opens',
    needs: ({ tokens }) => tokens !== undefined,
    async run({ harness, watch }) {
      const link = watch()
      const token = harness.tokens?.refused ?? ''
      link.dial({ token })
      await link.until('"lost"', () => link.lost.length > 0)
      await link.quiet()
      const [loss] = link.lost
      link.expect('"lost", once', link.lost.length === 1)
      link.expect('"lost" with a rejection', typeof loss?.rejection?.message === 'string')
      await link.open()
      await link.quiet()
      link.expect('the user not to be refused any more', link.lost.length === 1)
    },
  },
]

/** What goes over an open connection. */
const MESSAGES: readonly ScenarioPart[] = [
  {
    name: 'messages - each once, in order, with its size, also on a second connection',
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      await harness.publish(TWENTY)
      await link.until('messages 1 to 20', () => link.numbers.length >= 20)
      link.expect('messages 1 to 20, in order', link.numbers.join() === TWENTY.join())
      await harness.cut()
      await link.until('"lost"', () => link.lost.length > 0)
      await link.open()
      await harness.publish([21])
      await link.until('message 21', () => link.numbers.length >= 21)
      await link.quiet()
      link.expect('messages 1 to 21, each once', link.numbers.join() === [...TWENTY, 21].join())
    },
  },
  {
    name: 'something unreadable comes - it is reported, and the messages around it come as ever',
    needs: ({ publishUnreadable }) => publishUnreadable !== undefined,
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      await harness.publish([1])
      await harness.publishUnreadable?.()
      await harness.publish([2])
      await link.until('messages 1 and 2', () => link.numbers.length >= 2)
      await link.quiet()
      link.expect('messages 1 and 2, in order', link.numbers.join() === '1,2')
      link.expect(
        '"unreadable", once, with a reason',
        link.unreadable.length === 1 && link.unreadable[0] !== '',
      )
      link.expect('no "lost"', link.lost.length === 0)
    },
  },
  {
    name: 'a message is sent - the server receives it once; `send` returns `false` for each that was sent while not open, and none comes later',
    needs: ({ sent }) => sent !== undefined,
    async run({ harness, watch }) {
      const { sent } = harness
      if (!sent) return
      const link = watch()
      const before = await sent.received()
      let answers = 0
      const send = () =>
        link.send(sent.message, () => {
          answers += 1
        })
      const isNotSent = () => link.expect('"send" to return false while not open', !send())
      isNotSent()
      link.dial()
      isNotSent()
      await link.until('"opened"', () => link.opened.length > 0)
      await harness.cut()
      await link.until('"lost"', () => link.lost.length > 0)
      isNotSent()
      await link.open()
      link.expect('"send" not to return false while open', send())
      const received = async () => (await sent.received()) - before
      await link.until('the message at the server', async () => (await received()) > 0)
      if (sent.isAcknowledged) await link.until('its acknowledgement', () => answers > 0)
      await link.quiet()
      const times = await received()
      link.expect(`the message at the server once, and not ${times} times`, times === 1)
      link.expect(`at most one acknowledgement, and not ${answers}`, answers <= 1)
    },
  },
  {
    name: 'a probe - answered once while the server lives, without a message',
    async run({ watch }) {
      const link = watch()
      await link.open()
      for (const times of [1, 2]) {
        let answers = 0
        link.probe(() => {
          answers += 1
        })
        await link.until(`an answer to probe ${times}`, () => answers > 0)
        await link.quiet()
        link.expect(`one answer to probe ${times}, and not ${answers}`, answers === 1)
      }
      link.expect('no "lost"', link.lost.length === 0)
    },
  },
  {
    name: 'a probe while the network hangs - not answered, also when the connection has ended',
    needs: ({ asksByProbe, hang }) => asksByProbe === true && hang !== undefined,
    async run({ harness, watch }) {
      const link = watch()
      await link.open()
      await harness.hang?.(true)
      let answers = 0
      link.probe(() => {
        answers += 1
      })
      await link.quiet()
      link.expect('no answer', answers === 0)
      await link.end('drop')
      await harness.hang?.(false)
      await link.open()
      await link.quiet()
      link.expect('no answer to the probe of a connection that has ended', answers === 0)
    },
  },
]

/** The scenarios that check a link against its contract: each sentence of `Link` and `LinkEvents`. */
export const linkScenarios = (harness: LinkHarness): readonly Scenario[] =>
  [...CONNECTION, ...MESSAGES, ...roomScenarios, ...sessionScenarios]
    .filter(({ needs }) => needs?.(harness) ?? true)
    .map((part) => scenarioOf(part, harness))
