import { freeze } from './processes'
import { LONGEST_HANG, PANELS, ROOMS, type Tab, type World } from './world'

/** Random choices that a seed repeats. */
export interface Random {
  /** From 0 up to, but not including, `below`. */
  whole(below: number): number
  pick<T>(from: readonly T[]): T
  between(least: number, most: number): number
}

export const createRandom = (random: () => number): Random => {
  const whole = (below: number) => Math.floor(random() * below)
  return {
    whole,
    pick: (from) => from[whole(from.length)] as (typeof from)[number],
    between: (least, most) => least + random() * (most - least),
  }
}

export type Fault = (world: World, random: Random) => unknown

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** The largest number of open tabs. */
const TABS = 6

/** Does something to a tab that no other fault is using. */
async function withTab(world: World, random: Random, act: (tab: Tab) => Promise<void>) {
  const idle = world.tabs.filter(({ busy }) => !busy)
  if (idle.length > 0) await using(world, random.pick(idle), act)
}

/** Does something to the tab whose worker has the connection of all. */
async function withLeader(world: World, act: (tab: Tab) => Promise<void>) {
  const leader = await world.leadingTab()
  if (leader) await using(world, leader, act)
}

async function using(world: World, tab: Tab, act: (tab: Tab) => Promise<void>) {
  tab.busy = true
  world.say(`  (tab ${tab.name})`)
  try {
    await act(tab)
  } finally {
    tab.busy = false
  }
}

/** Ends a page that will not come back. Its record is saved first, because it is judged up to here. */
async function retire(world: World, tab: Tab, end: () => Promise<unknown>) {
  tab.record = await world.record(tab)
  world.retire(tab)
  await end().catch(() => {})
}

/** Opens a page of the build that is deployed now, or reloads a tab into it. */
async function loadBuild(world: World, random: Random) {
  if (random.whole(2) === 0 && world.tabs.length < TABS) return void (await world.open([random.pick(PANELS)]))
  await withTab(world, random, (tab) => world.reload(tab))
}

/** Ends a tab and, with it, the other tabs of its process. */
async function crash(world: World, tab: Tab) {
  if (world.tabs.length < 2) return
  await readRecords(world, tab)
  await tab.page.crash()
}

/** Reads the records of the tabs that may be gone in a moment. */
async function readRecords(world: World, own?: Tab) {
  const tabs = world.tabs.filter((tab) => tab === own || !tab.busy)
  await Promise.all(
    tabs.map(async (tab) => {
      tab.record = await world.record(tab)
    }),
  )
}

async function close(world: World, tab: Tab) {
  if (world.tabs.length > 1) await retire(world, tab, () => tab.page.close())
}

async function freezeTab(world: World, random: Random, tab: Tab) {
  const ms = random.between(300, LONGEST_HANG)
  world.sockets.excuse(LONGEST_HANG + ms)
  await tab.page.freeze(ms)
}

async function goAwayAndBack(world: World, random: Random, tab: Tab) {
  await tab.page.leave()
  await wait(random.between(0, 1500))
  await tab.page.back()
  await world.ready(tab)
}

const bringToFront = ({ tabs, run }: World, front: Tab) =>
  Promise.all(tabs.map((tab) => run(tab, ({ traffic }, isVisible) => traffic.show(isVisible), tab === front)))

const somePanels = (random: Random) => PANELS.filter(() => random.whole(2) === 0)

export const FAULTS: Readonly<Record<string, Fault>> = {
  'tab opened': async (world, random) => {
    if (world.tabs.length < TABS) await world.open([random.pick(PANELS), ...somePanels(random)])
  },
  'tab closed': (world, random) => withTab(world, random, (tab) => close(world, tab)),
  'tab crashed': (world, random) => withTab(world, random, (tab) => crash(world, tab)),
  'tab frozen': (world, random) => withTab(world, random, (tab) => freezeTab(world, random, tab)),
  'tab reloaded': (world, random) => withTab(world, random, (tab) => world.reload(tab)),
  'tab reloaded twice at once': (world, random) =>
    withTab(world, random, async (tab) => {
      await tab.page.reload()
      await world.reload(tab)
    }),
  'all tabs reloaded': async (world) => {
    await Promise.all(
      world.tabs
        .filter(({ busy }) => !busy)
        .map(async (tab) => {
          tab.busy = true
          await world.reload(tab).finally(() => {
            tab.busy = false
          })
        }),
    )
  },
  'tab navigated away and back': (world, random) =>
    withTab(world, random, (tab) => goAwayAndBack(world, random, tab)),
  'tab duplicated': (world, random) =>
    withTab(world, random, async (tab) => {
      if (world.tabs.length >= TABS) return
      await world.ready(world.adopt(await tab.page.duplicate()))
    }),
  'tab blocked': (world, random) =>
    withTab(world, random, (tab) =>
      world.run(
        tab,
        (_, ms) => {
          const until = Date.now() + ms
          while (Date.now() < until);
        },
        random.between(300, 3000),
      ),
    ),
  'panel toggled': (world, random) =>
    withTab(world, random, (tab) =>
      world.run(tab, ({ toggle }, panel) => toggle(panel), random.pick(PANELS)),
    ),
  'tab retried': (world, random) =>
    withTab(world, random, (tab) => world.run(tab, ({ line }) => line.retry()).catch(() => {})),
  'worker killed': (world) => world.tellWorker('die'),
  'worker killed twice': async (world, random) => {
    await world.tellWorker('die')
    await wait(random.between(0, 400))
    await world.tellWorker('die')
  },
  'process of a worker ended': async (world, random) => {
    const found = world.browser.workerProcesses()
    world.say(`  (${found.length} processes)`)
    if (found.length === 0 || world.tabs.length < 2) return
    await readRecords(world)
    process.kill(random.pick(found), 'SIGKILL')
  },
  'process of a worker frozen': async (world, random) => {
    const found = world.browser.workerProcesses()
    if (found.length > 0) await freeze(random.pick(found), random.between(300, LONGEST_HANG))
  },
  'worker stalled': (world, random) => world.tellWorker(random.between(50, 600)),
  'worker hung': (world, random) => world.tellWorker(random.between(2000, LONGEST_HANG)),
  'database deleted': (world) => world.deleteDatabase(),
  'link cut': (world) => world.proxy.cut(),
  'server cut': (world) => world.server.cut(),
  'clients disconnected by the server': (world) => world.server.kick(),
  'network down': async (world, random) => {
    world.proxy.refuse()
    await wait(random.between(50, 3000))
    world.proxy.pass()
  },
  'half-open': async (world, random) => {
    world.proxy.dropBytes()
    const ms = random.between(200, 3000)
    world.sockets.excuse(ms)
    await wait(ms)
    world.proxy.cut()
    world.proxy.pass()
  },
  'sockets refused': async (world, random) => {
    world.server.refuse(true)
    await wait(random.between(50, 2000))
    world.server.refuse(false)
  },
  'server restarted': async (world, random) => {
    await world.pause(async () => {
      await world.server.stop()
      await wait(random.between(0, 1500))
      await world.server.start()
    })
  },
  'disconnected and connected by hand': async (world, random) => {
    await withTab(world, random, async (tab) => {
      await world.run(tab, ({ line }) => line.disconnect()).catch(() => {})
      await wait(random.between(0, 800))
      await world.run(tab, ({ line }) => line.connect()).catch(() => {})
    })
  },
  'WebSockets blocked': async (world, random) => {
    world.proxy.blockWebSockets()
    world.proxy.cut()
    await wait(random.between(500, 5000))
    world.proxy.pass()
  },
  'event misread': (world, random) =>
    world.tellWorker({
      misread: random.pick(['throws', 'returns nothing', 'returns no name', 'returns a function as data']),
    }),
  'clock set back': (world, random) => world.setClockBack(Math.round(random.between(200, 2000))),
  'signed out while a page is away': (world, random) =>
    withTab(world, random, async (away) => {
      const other = world.tabs.find(({ busy }) => !busy)
      if (!other) return
      const loadedAt = () => world.run(away, () => performance.timeOrigin)
      const before = await loadedAt()
      await away.page.leave()
      const signsOutAt = Date.now()
      // The pages are signed out even if no worker answers.
      const isDone = await world
        .run(other, ({ line }) => line.signOut())
        .then(
          () => true,
          () => false,
        )
      const period = [signsOutAt, Date.now()] as const
      world.signOuts.push(period)
      if (!isDone) world.failedSignOuts.push(period)
      await away.page.back()
      await world.ready(away)
      // If the page came from the back/forward cache, it must have been signed out. A new one does not know of the sign-out.
      if ((await loadedAt()) === before) await world.until(away, ({ line }) => line.status.state === 'closed')
      else await world.run(away, ({ received }) => void received.unshift({ signedOut: true } as never))
      await world.reload(away)
      // The other pages are signed out one after another.
      await wait(500)
      await world.reopen()
    }),
  'new build deployed': async (world, random) => {
    world.deploy()
    await loadBuild(world, random)
  },
  'new build deployed while something else happens': async (world, random) => {
    world.deploy()
    const something = random.pick(DURING_DEPLOYMENTS)
    world.say(`  (${something})`)
    await Promise.all([
      loadBuild(world, random),
      wait(random.between(0, 400)).then(() => FAULTS[something]?.(world, random)),
    ])
  },
  'rolled back': async (world, random) => {
    world.rollBack(random.pick(world.builds))
    await loadBuild(world, random)
  },
  'another text deployed under the same name': async (world, random) => {
    world.edit()
    await withTab(world, random, (tab) => world.reload(tab))
  },
  'old worker file removed and back': async (world, random) => {
    const old = world.builds.filter((build) => build !== world.deployed())
    if (old.length === 0) return
    const build = random.pick(old)
    world.file(build, 'gone')
    await wait(random.between(500, 5000))
    world.file(build, 'back')
  },
  'worker of one build killed': (world, random) =>
    world.tellWorker('die', random.pick(world.builds.slice(-3))),
  'worker of one build hung': (world, random) =>
    world.tellWorker(random.between(300, 3000), random.pick(world.builds.slice(-3))),
  'messages sent at once': (world, random) =>
    withTab(world, random, (tab) =>
      world.run(tab, ({ traffic }, times) => traffic.burst(times), random.whole(200)),
    ),
  'the same message kept by two tabs': async ({ tabs, run }, random) => {
    const id = `both-${random.whole(1_000_000)}`
    const two = tabs.filter(({ busy }) => !busy).slice(0, 2)
    await Promise.all(two.map((tab) => run(tab, ({ traffic }, each) => traffic.keep(each), id)))
  },
  'kept message withdrawn': (world, random) =>
    withTab(world, random, (tab) => world.run(tab, ({ traffic }) => traffic.withdraw())),
  'tab in front': (world, random) => bringToFront(world, random.pick(world.tabs)),
  'tab hidden or shown': (world, random) =>
    withTab(world, random, (tab) =>
      world.run(tab, ({ traffic }, isVisible) => traffic.show(isVisible), random.whole(2) === 0),
    ),
  burst: (world, random) => {
    const room = random.pick(ROOMS)
    for (let n = random.whole(600); n > 0; n -= 1) world.emit(room)
  },
}

/** What may happen to the tab whose dedicated worker has the connection of all tabs. */
export const LEADER_FAULTS: Readonly<Record<string, Fault>> = {
  'leading tab closed': (world) => withLeader(world, (tab) => close(world, tab)),
  'leading tab crashed': (world) => withLeader(world, (tab) => crash(world, tab)),
  'leading tab reloaded': (world) => withLeader(world, (tab) => world.reload(tab)),
  'leading tab navigated away and back': (world, random) =>
    withLeader(world, (tab) => goAwayAndBack(world, random, tab)),
  'leading tab frozen': (world, random) => withLeader(world, (tab) => freezeTab(world, random, tab)),
  'leading tab in the background': (world, random) =>
    withLeader(world, async (tab) => {
      const others = world.tabs.filter((other) => other !== tab)
      if (others.length > 0) await bringToFront(world, random.pick(others))
    }),
}

/** What may happen while a worker hands over to the one of a new build. */
const DURING_DEPLOYMENTS = [
  'tab closed',
  'tab reloaded',
  'all tabs reloaded',
  'tab blocked',
  'worker killed',
  'worker stalled',
  'worker hung',
  'worker of one build killed',
  'link cut',
  'network down',
  'clients disconnected by the server',
  'new build deployed',
  'rolled back',
  'another text deployed under the same name',
  'old worker file removed and back',
  'disconnected and connected by hand',
  'panel toggled',
  'messages sent at once',
  'tab in front',
  'burst',
]
