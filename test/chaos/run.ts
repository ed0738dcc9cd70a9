import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { seeded } from '../support/fleet'
import { ENGINES } from './browser'
import { createRandom, FAULTS, LEADER_FAULTS, wait } from './faults'
import { judge, type Verdict } from './judge'
import { judgeAlarms } from './judge-alarms'
import { judgeSends } from './judge-sends'
import { ALARMS } from './marks'
import { LINKS } from './servers'
import { createWorld, PANELS, ROOMS, type WorkerKind, type World } from './world'

/**
 * `npm run test:chaos -- --seed N --seconds S`: opens tabs on a server that numbers its events, and injects random faults.
 * At the end it compares the record of each tab with what the server sent.
 *
 * - `--engine firefox` or `webkit`: the browser; Chromium by default.
 * - `--link websocket`: a plain WebSocket server instead of a Socket.IO server, with one connection; `endpoints`: one per room.
 * - `--recovery`, `--no-recovery`: whether the server can send what was missed.
 * - `--dedicated`: each tab has a worker and a connection of its own. `--no-dedicated`: all tabs share a worker.
 * - `--share`: each tab has a worker of its own, and they share one connection. The server must never count two for long.
 *
 * The seed decides what is not given. The exit code is 0 if all is as it must be, 1 if it is not, and 2 if the run could
 * not be brought to its end, for example because the browser has ended.
 */

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    /** The file to write all records to, for debugging. */
    out: { type: 'string' },
    engine: { type: 'string', default: 'chromium' },
    link: { type: 'string', default: 'socket-io' },
    verbose: { type: 'boolean', default: false },
    recovery: { type: 'boolean' },
    dedicated: { type: 'boolean' },
    /** Dedicated workers share one connection. */
    share: { type: 'boolean' },
  },
})
/** The exit codes of a run that is not good. */
const FAILED = 1
const NO_VERDICT = 2
const seed = Number(values.seed)
const seconds = Number(values.seconds)

// Spreads the seeds, so that neighbouring ones do not produce similar runs.
const random = createRandom(seeded((seed * 2_654_435_761) % 2 ** 32))
const startedAt = Date.now()
const say = (text: string) => {
  if (values.verbose) console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`)
}
const { recovery, dedicated } = values
const link = LINKS.find((each) => each === values.link)
if (!link) throw new Error(`There is no link "${values.link}". Known: ${LINKS.join(', ')}.`)
const engine = ENGINES.find((each) => each === values.engine)
if (!engine) throw new Error(`There is no engine "${values.engine}". Known: ${ENGINES.join(', ')}.`)
const HOUR = 3_600_000
const drawn = {
  recovery: random.whole(3) > 0,
  seq: random.whole(3) === 0,
  extendedLifetime: random.whole(2) === 0,
  workers: (random.whole(4) === 0 ? 'apart' : 'shared') as WorkerKind,
  keepFor: random.whole(3) === 0 ? 4000 : HOUR,
}
const kind = {
  link,
  ...drawn,
  ...(recovery !== undefined && { recovery }),
  ...(dedicated !== undefined && { workers: dedicated ? ('apart' as const) : ('shared' as const) }),
  ...(values.share && { workers: 'led' as const }),
  ...(link === 'endpoints' && { recovery: false }),
}
const world = await createWorld({ id: `chaos-${seed}`, engine, ...kind, say })

/** Sends events to every room, at different rates. */
function startTraffic() {
  const timers = ROOMS.map((room, index) => setInterval(() => world.emit(room), 25 * 2 ** (index % 4)))
  return () => timers.forEach(clearInterval)
}

async function injectFaults(counts: Map<string, number>) {
  const names = Object.keys(FAULTS).concat(kind.workers === 'led' ? Object.keys(LEADER_FAULTS) : [])
  const underWay = new Set<Promise<unknown>>()
  const until = Date.now() + seconds * 1000
  while (Date.now() < until) {
    const name = random.pick(names)
    say(name)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    const fault = (async () => (FAULTS[name] ?? LEADER_FAULTS[name])?.(world, random))().catch((error) =>
      say(`${name}: ${error}`),
    )
    underWay.add(fault)
    void fault.then(() => underWay.delete(fault))
    await wait(random.between(50, 1200))
  }
  await Promise.all(underWay)
}

/** Waits until the condition holds, for this long at most. Returns whether it holds. */
async function holds(condition: () => Promise<boolean>, patience = 30_000): Promise<boolean> {
  const until = Date.now() + patience
  while (!(await condition())) {
    if (Date.now() > until) return false
    await wait(100)
  }
  return true
}

/** Ends the pages' messages. Then every promise must settle, and every kept message must leave. */
async function settleMessages({ tabs, run, server }: World): Promise<string[]> {
  for (const tab of tabs) await run(tab, ({ traffic }) => traffic.stop()).catch(() => {})
  // What the server has not answered is sent again on the next connection.
  server.cut()
  const stragglers: string[] = []
  for (const tab of tabs) {
    const unsettled = () => run(tab, ({ traffic }) => traffic.open()).catch((error) => [String(error)])
    const unsent = () => run(tab, ({ line }) => line.unsent()).catch((error) => [{ id: String(error) }])
    if (!(await holds(async () => (await unsettled()).length === 0)))
      stragglers.push(`tab ${tab.name}: these promises have not settled: ${await unsettled()}`)
    if (!(await holds(async () => (await unsent()).length === 0)))
      stragglers.push(
        `tab ${tab.name}: these kept messages did not leave: ${(await unsent()).map(({ id }) => id)}`,
      )
  }
  return stragglers
}

/** Ends all faults. Then every tab must become live again, and receive the last event of each of its rooms. */
async function settle(world: World) {
  const { tabs, run, server, proxy, emit, sent, reopen } = world
  server.refuse(false)
  proxy.pass()
  await reopen()
  for (const tab of [...tabs]) {
    const isOnline = () =>
      run(tab, ({ line }) => line.connect().then(() => line.status.state === 'online')).catch(() => false)
    await holds(isOnline)
  }
  const stragglers = await settleMessages(world)
  await wait(2500)
  for (const room of ROOMS) emit(room)
  const last = Object.fromEntries([...sent].map(([room, times]) => [room, times.length - 1]))
  for (const tab of tabs) {
    const missing = () =>
      run(
        tab,
        ({ line, events, panels }, wanted) =>
          panels().flatMap((panel) =>
            Object.keys(line.panel(panel as 'errors').rooms).filter(
              (room) =>
                !events.some(
                  (event) => event.room === room && (event.data as { n?: number } | null)?.n === wanted[room],
                ),
            ),
          ),
        last,
      ).catch((error) => [String(error)])
    await holds(async () => (await missing()).length === 0)
    const rooms = await missing()
    if (rooms.length > 0) {
      const inside = await run(tab, ({ line }) => line.inspect()).catch(String)
      stragglers.push(
        `tab ${tab.name} never received the last event of ${rooms.join(', ')}: ${JSON.stringify(inside)}`,
      )
    }
    tab.record = await world.record(tab)
  }
  const isHandled = async () => {
    const alarms = await Promise.all(
      tabs.map((tab) => run(tab, ({ traffic }) => traffic.alarm()).catch(() => 0)),
    )
    return alarms.includes(last[ALARMS] ?? 0)
  }
  if (!(await holds(isHandled))) stragglers.push('no tab has handled the last alarm')
  const wrong = () => strays(world)
  // A worker that serves alone asks again every 20 s whether its pages can move. A busy machine may answer one question too late.
  await holds(async () => (await wrong()).length === 0, 65_000)
  return [...stragglers, ...(await wrong())]
}

/** What is not as it must be once all faults have ended: one worker serves all tabs, and has joined each of their rooms once. */
async function strays({ tabs, run, server }: World) {
  const found: string[] = []
  const workers = new Map<string, string[]>()
  const leaders: string[] = []
  const wanted = new Set<string>([ALARMS])
  for (const tab of tabs) {
    const { worker, dead, rooms, leads } = await run(tab, async ({ line, panels, traffic }) => {
      const { incarnation, build } = await line.inspect()
      return {
        worker: `${incarnation} ${build?.address.split('build=')[1]} ${build?.alone}`,
        dead: panels().filter((panel) => line.panel(panel as 'errors').state !== 'live'),
        rooms: panels().flatMap((panel) => Object.keys(line.panel(panel as 'errors').rooms)),
        leads: traffic.leads(),
      }
    }).catch((error) => ({ worker: String(error), dead: [], rooms: [], leads: false }))
    if (leads) leaders.push(tab.name)
    for (const room of rooms) wanted.add(room)
    workers.set(worker, [...(workers.get(worker) ?? []), tab.name])
    if (dead.length > 0) found.push(`tab ${tab.name}: these panels are not live: ${JSON.stringify(dead)}`)
  }
  if (kind.workers === 'apart') return found
  const connections = server.rooms()
  const joined = connections.flat()
  if (leaders.length !== 1) found.push(`these tabs lead: ${leaders}`)
  if (workers.size > 1) found.push(`tabs are served by different workers: ${JSON.stringify([...workers])}`)
  if (connections.length !== (link === 'endpoints' ? wanted.size : 1))
    found.push(`the server counts ${connections.length} connections`)
  if (String(joined.sort()) !== String([...wanted].sort()))
    found.push(`the tabs want ${[...wanted]}, and the server has ${joined}`)
  return found
}

/** How often the notes of the pages are collected, in ms. */
const COLLECTS = 30_000

// The worker's `keepalive` option expects one at least every 500 ms.
const keepalive = setInterval(world.server.keepalive, 250)

/** Performs the whole run. Returns whether all is as it must be. */
async function perform(): Promise<boolean> {
  const counts = new Map<string, number>()
  for (const panels of [['overview', 'errors'], ['errors'], [...PANELS]]) await world.open(panels)
  const stop = startTraffic()
  const collecting = setInterval(() => void world.collectNotes(), COLLECTS)
  await injectFaults(counts)
  clearInterval(collecting)
  stop()
  const stragglers = await settle(world)
  world.sockets.stop()
  const verdicts = [...world.tabs, ...world.retired].map(({ name, record }) =>
    judge(name, record, world.sent, world.setBack()),
  )
  const notes = await world.notes()
  const sends = judgeSends(
    notes,
    world.inbox.receipts,
    world.signOuts,
    world.databaseLostAt(),
    kind.keepFor < HOUR,
  )
  const alarms =
    kind.workers === 'apart'
      ? undefined
      : judgeAlarms(
          notes,
          world.sent.get(ALARMS) ?? [],
          world.signOuts,
          world.failedSignOuts,
          world.setBack(),
        )
  const counted = (each: ReadonlyMap<string, number>) =>
    [...each].map(([what, times]) => `${what} ${times}`).join(', ')
  const total = (of: (verdict: Verdict) => number) => verdicts.reduce((sum, each) => sum + of(each), 0)
  const wrong = [
    ...stragglers,
    ...verdicts.flatMap(({ losses }) => losses.map((each) => `lost without a gap: ${each}`)),
    ...verdicts.flatMap(({ duplicates }) => duplicates.map((each) => `received twice: ${each}`)),
    ...verdicts.flatMap(({ disorders }) => disorders.map((each) => `out of order: ${each}`)),
    ...verdicts.flatMap(({ changed }) => changed.map((each) => `not the payload that was sent: ${each}`)),
    ...sends.wrong,
    ...(alarms?.wrong ?? []),
    ...(kind.workers === 'led' && link !== 'endpoints' ? world.sockets.found() : []),
    ...world.inbox.errors,
    ...world.errors.map((each) => `error: ${each}`),
  ]
  if (values.out !== undefined) {
    const records = [...world.tabs, ...world.retired].map(({ name, record }) => [name, record])
    writeFileSync(values.out, JSON.stringify({ startedAt, sent: [...world.sent], records, notes }))
  }
  console.log(
    [
      `${engine}, seed ${seed}, ${seconds} s, ${JSON.stringify(kind)}`,
      `faults: ${counted(counts)}`,
      `tabs ${verdicts.length}, events sent ${[...world.sent.values()].reduce((sum, { length }) => sum + length - 1, 0)}, ` +
        `received ${total(({ events }) => events)}, gaps announced ${total(({ gaps }) => gaps)} ` +
        `(for ${total(({ announced }) => announced)} events)`,
      `unannounced losses ${total(({ losses }) => losses.length)}, duplicates ${total(({ duplicates }) => duplicates.length)}, ` +
        `out of order ${total(({ disorders }) => disorders.length)}`,
      ...(kind.workers === 'led' ? [`sockets at once: ${world.sockets.most()} at most`] : []),
      `messages: ${counted(sends.sent)}; kept ones: ${counted(sends.kept)}`,
      ...(alarms
        ? [`alarms handled by one tab: ${alarms.handled}, announced by gaps: ${alarms.announced}`]
        : []),
      ...wrong.slice(0, 40),
    ].join('\n'),
  )
  return wrong.length === 0
}

const outcome = await Promise.race([
  perform(),
  world.browser.lost.then((why) => new Error(`The browser was lost. ${why}`)),
]).catch((error: unknown) => error)
clearInterval(keepalive)
world.sockets.stop()
await world.close()
if (typeof outcome !== 'boolean') {
  console.error(`${engine}, seed ${seed}: no verdict. ${outcome}`)
  say(`${(outcome as Error).stack}`)
}
// Faults may still be under way if there is no verdict.
process.exit(outcome === true ? 0 : outcome === false ? FAILED : NO_VERDICT)
