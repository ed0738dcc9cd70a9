import { BURSTS, type Figure, quantile, type Rate, type Size } from './figures'
import { type Session, wait } from './session'

export type Figures = Partial<Record<Figure, number>>

/** Measures some figures in a session. */
export type Measure = (session: Session) => Promise<Figures>

/** The size of each event in a stream, in bytes. */
const STREAM_BYTES = 300
/** How long to wait after a burst, in ms: acknowledgements and garbage collection belong to its cost. */
const AFTERMATH = 100
const BLOCKED_SECONDS = 5
const VISITS = 4

/** Lets the engines compile hot code first. Without it, contenders with more code look worse than they are. */
export async function warmUp(session: Session): Promise<Figures> {
  const run = session.run()
  await session.server.call('burst', run, 300, STREAM_BYTES)
  await session.got(run, 300)
  await session.check('warm-up', run, 300)
  return {}
}

export async function census({ server, browser, before }: Session): Promise<Figures> {
  const { sockets, handshakes, joins } = await server.call('counts')
  return {
    sockets,
    handshakes: handshakes - before.handshakes,
    joins: joins - before.joins,
    memory: browser.memory(),
  }
}

export const drain =
  (size: Size): Measure =>
  async (session) => {
    const { server, browser } = session
    const { count, bytes } = BURSTS[size]
    const run = session.run()
    const complete = session.got(run, count)
    const before = await server.call('counts')
    const cpu = browser.cpu()
    const renderers = browser.rendererCpu()
    const startedAt = await server.call('burst', run, count, bytes)
    await complete
    await wait(AFTERMATH)
    const spent = browser.cpu() - cpu
    const byRenderer = [...browser.rendererCpu()].map(([pid, time]) => time - (renderers.get(pid) ?? time))
    const after = await server.call('counts')
    const receipts = await session.receipts(run)
    await session.check(`burst of ${size}`, run, count)
    return {
      [`drain ${size}`]: Math.max(...receipts.map(({ lastAt }) => lastAt)) - startedAt,
      [`drain-cpu ${size}`]: spent,
      [`host-cpu ${size}`]: Math.max(...byRenderer),
      [`bytes ${size}`]: (after.bytes - before.bytes) / count,
    }
  }

/** Streams events for `ms`. Resolves once every tab has all of them. */
async function stream(session: Session, rate: number, ms: number): Promise<{ run: number; sent: number }> {
  const run = session.run()
  await session.server.call('startStream', run, rate, STREAM_BYTES)
  await wait(ms)
  const sent = await session.server.call('endStream')
  await session.got(run, sent)
  return { run, sent }
}

export const flow =
  (rate: Rate, ms: number): Measure =>
  async (session) => {
    const { server, browser } = session
    const before = await server.call('counts')
    const cpu = browser.cpu()
    const { run, sent } = await stream(session, rate, ms)
    const spent = browser.cpu() - cpu
    const after = await server.call('counts')
    const delays = await session.delays(run)
    await session.check(`${rate}/s`, run, sent)
    const seconds = sent / rate
    return {
      [`p50 ${rate}`]: quantile(delays, 0.5),
      [`p99 ${rate}`]: quantile(delays, 0.99),
      [`cpu ${rate}`]: spent / seconds,
      [`server-cpu ${rate}`]: (after.cpu - before.cpu) / seconds,
    }
  }

export async function newcomer(session: Session): Promise<Figures> {
  await session.server.call('startStream', session.run(), 50, STREAM_BYTES)
  const times: number[] = []
  for (let visit = 0; visit < VISITS; visit += 1) times.push(await session.visit())
  await session.server.call('endStream')
  return { first: quantile(times, 0.5) }
}

export async function restart(session: Session): Promise<Figures> {
  if (!session.entry.hasPace) return {}
  const run = session.run()
  const listensAt = await session.server.call('restart', 500 + Math.random() * 500)
  await session.server.call('startStream', run, 100, STREAM_BYTES)
  await session.got(run, 1)
  await session.server.call('endStream')
  const receipts = await session.receipts(run)
  return { restart: Math.max(...receipts.map(({ firstAt }) => firstAt)) - listensAt }
}

/** Blocks the first tab, because the others may depend on it: it started the worker, or is the leader. */
export async function blocked(session: Session): Promise<Figures> {
  const [first, ...others] = session.pages
  const calm = await stream(session, 100, 1500)
  const block = first?.evaluate((seconds) => window.probe.block(seconds), BLOCKED_SECONDS)
  const stuck = await stream(session, 100, BLOCKED_SECONDS * 1000)
  await block
  await session.check('a tab blocked', stuck.run, stuck.sent)
  return {
    calm: quantile(await session.delays(calm.run, others), 0.99),
    blocked: quantile(await session.delays(stuck.run, others), 0.99),
  }
}
