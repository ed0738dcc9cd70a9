import { PANELS, ROOMS, type Tab, type World } from './world'

/** Chance that can be repeated. */
export interface Chance {
  /** From 0 up to, but not including, `below`. */
  whole(below: number): number
  pick<T>(from: readonly T[]): T
  between(least: number, most: number): number
}

export const createChance = (random: () => number): Chance => {
  const whole = (below: number) => Math.floor(random() * below)
  return {
    whole,
    pick: (from) => from[whole(from.length)] as (typeof from)[number],
    between: (least, most) => least + random() * (most - least),
  }
}

export type Fault = (world: World, chance: Chance) => Promise<void> | void

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** The most tabs at a time. */
const TABS = 6

/** Does something to a tab that nothing else is being done to. */
async function withTab(world: World, chance: Chance, act: (tab: Tab) => Promise<void>) {
  const idle = world.tabs.filter(({ busy }) => !busy)
  if (idle.length === 0) return
  const tab = chance.pick(idle)
  tab.busy = true
  world.say(`  (tab ${tab.name})`)
  try {
    await act(tab)
  } finally {
    tab.busy = false
  }
}

/** A page that goes for good: what it had is judged up to here. */
async function retire(world: World, tab: Tab, end: () => Promise<unknown>) {
  tab.record = await world.record(tab)
  world.retire(tab)
  await end().catch(() => {})
}

const somePanels = (chance: Chance) => PANELS.filter(() => chance.whole(2) === 0)

export const FAULTS: Readonly<Record<string, Fault>> = {
  'tab opened': async (world, chance) => {
    if (world.tabs.length < TABS) await world.open([chance.pick(PANELS), ...somePanels(chance)])
  },
  'tab closed': (world, chance) =>
    withTab(world, chance, async (tab) => {
      if (world.tabs.length > 1) await retire(world, tab, () => tab.page.close())
    }),
  'tab crashed': (world, chance) =>
    withTab(world, chance, async (tab) => {
      if (world.tabs.length < 2) return
      tab.record = await world.record(tab)
      const crashed = tab.page.waitForEvent('crash')
      void tab.page.goto('chrome://crash').catch(() => {})
      await crashed
    }),
  'tab reloaded': (world, chance) => withTab(world, chance, (tab) => world.reload(tab)),
  'tab reloaded twice at once': (world, chance) =>
    withTab(world, chance, async (tab) => {
      await tab.page.reload({ waitUntil: 'commit' })
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
  'tab led away and back': (world, chance) =>
    withTab(world, chance, async (tab) => {
      await tab.page.goto('about:blank')
      await wait(chance.between(0, 1500))
      await tab.page.goBack({ waitUntil: 'commit' })
      await world.ready(tab)
    }),
  'tab duplicated': (world, chance) =>
    withTab(world, chance, async (tab) => {
      if (world.tabs.length >= TABS) return
      const opened = world.context.waitForEvent('page')
      await tab.page.evaluate(() => void window.open(location.href))
      await world.ready(world.adopt(await opened))
    }),
  'tab blocked': (world, chance) =>
    withTab(world, chance, (tab) =>
      tab.page.evaluate(
        (ms) => {
          const until = Date.now() + ms
          while (Date.now() < until);
        },
        chance.between(300, 3000),
      ),
    ),
  'panel toggled': (world, chance) =>
    withTab(world, chance, (tab) =>
      world.run(tab, ({ toggle }, panel) => toggle(panel), chance.pick(PANELS)),
    ),
  'tab nudged': (world, chance) =>
    withTab(world, chance, (tab) => world.run(tab, ({ line }) => line.retry()).catch(() => {})),
  'worker killed': (world) => world.tellWorker('die'),
  'worker killed twice': async (world, chance) => {
    await world.tellWorker('die')
    await wait(chance.between(0, 400))
    await world.tellWorker('die')
  },
  'worker stalled': (world, chance) => world.tellWorker(chance.between(50, 600)),
  'worker hung': (world, chance) => world.tellWorker(chance.between(2000, 4000)),
  'database deleted': (world) => world.tellWorker('delete database'),
  'link cut': (world) => world.cable.cut(),
  'server cut': (world) => world.server.cut(),
  'clients kicked': (world) => world.server.kick(),
  'network away': async (world, chance) => {
    world.cable.refuse()
    await wait(chance.between(50, 3000))
    world.cable.pass()
  },
  'half-open': async (world, chance) => {
    world.cable.swallow()
    await wait(chance.between(200, 3000))
    world.cable.cut()
    world.cable.pass()
  },
  'sockets refused': async (world, chance) => {
    world.server.refuse(true)
    await wait(chance.between(50, 2000))
    world.server.refuse(false)
  },
  'server restarted': async (world, chance) => {
    await world.pause(async () => {
      await world.server.stop()
      await wait(chance.between(0, 1500))
      await world.server.start()
    })
  },
  'hung up and back': async (world, chance) => {
    await withTab(world, chance, async (tab) => {
      await world.run(tab, ({ line }) => line.disconnect()).catch(() => {})
      await wait(chance.between(0, 800))
      await world.run(tab, ({ line }) => line.connect()).catch(() => {})
    })
  },
  'WebSockets blocked': async (world, chance) => {
    world.cable.plain()
    world.cable.cut()
    await wait(chance.between(500, 5000))
    world.cable.pass()
  },
  'event misread': (world, chance) =>
    world.tellWorker({
      misread: chance.pick(['throws', 'returns nothing', 'returns no name', 'returns a function as data']),
    }),
  'clock set back': (world, chance) => world.setClockBack(Math.round(chance.between(200, 2000))),
  'signed out while a page is away': (world, chance) =>
    withTab(world, chance, async (away) => {
      const other = world.tabs.find(({ busy }) => !busy)
      if (!other) return
      const born = () => world.run(away, () => performance.timeOrigin)
      const before = await born()
      await away.page.goto('about:blank')
      // Where no worker answers, the pages are signed out all the same.
      await world.run(other, ({ line }) => line.signOut()).catch(() => {})
      await away.page.goBack({ waitUntil: 'commit' })
      await world.ready(away)
      // From the back/forward cache: the page is the one that was signed out.
      if ((await born()) === before) await world.until(away, ({ line }) => line.status.state === 'closed')
      await world.reload(away)
      // The others hear of it one after another.
      await wait(500)
      await world.reopen()
    }),
  burst: (world, chance) => {
    const room = chance.pick(ROOMS)
    for (let n = chance.whole(600); n > 0; n -= 1) world.emit(room)
  },
}
