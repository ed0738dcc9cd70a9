import type { Snapshot } from 'partyline'
import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 100 }, grace: 300 }

/** The text of a table's visible rows, cell by cell. */
const rows = (tab: Tab, table: string) =>
  tab.run(({ inspectors }, name) => {
    const root = inspectors[0]?.element.shadowRoot
    const all = [...(root?.querySelectorAll<HTMLTableRowElement>(`.${name} tbody tr`) ?? [])]
    return all
      .filter((row) => row.checkVisibility())
      .map((row) => [...row.cells].map((cell) => cell.innerText.replaceAll('\n', ' ')))
  }, table)

/** The text of an element in the first inspector. */
const text = (tab: Tab, selector: string) =>
  tab.run(
    ({ inspectors }, each) => inspectors[0]?.element.shadowRoot?.querySelector<HTMLElement>(each)?.innerText,
    selector,
  )

/** What the visible rows about the worker say, by their label. */
const details = (tab: Tab) =>
  tab.run(({ inspectors }) => {
    const root = inspectors[0]?.element.shadowRoot
    const all = [...(root?.querySelectorAll<HTMLElement>('.details > div') ?? [])]
    return Object.fromEntries(
      all
        .filter((row) => row.checkVisibility())
        .map((row) => [row.querySelector('dt')?.innerText, row.querySelector('dd')?.innerText]),
    )
  })

/** The descriptions of the chart's items. */
const labels = (tab: Tab) =>
  tab.run(({ inspectors }) =>
    [...(inspectors[0]?.element.shadowRoot?.querySelectorAll('.item') ?? [])].map(
      (item) => item.getAttribute('aria-label') ?? '',
    ),
  )

/** A tab whose inspector shows that the connection was lost. */
async function afterLoss(bench: Bench): Promise<Tab> {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => labels(tab)).toContainEqual(expect.stringMatching(/^Online since/))
  await server.kick()
  await expect.poll(() => labels(tab)).toContainEqual(expect.stringMatching(/Connection lost/))
  return tab
}

/** How often an inspector has asked for a snapshot. */
const requests = (tab: Tab, which = 0) =>
  tab.run(({ inspectors }, index) => inspectors[index]?.requests ?? 0, which)

test('tabs with their panels, rooms with their states - and both are kept up to date', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors', ['workflow', '42']] })
  const other = await bench.frame({ panels: ['tmux'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => text(tab, '.state')).toMatch(/^Online/)
  await expect
    .poll(() => rows(tab, 'tabs'))
    .toEqual([
      [expect.stringMatching(/^\w{6} in front$/), 'errors, workflow / 42', '0'],
      [expect.stringMatching(/^\w{6} in front$/), 'tmux', '0'],
    ])
  const joined = expect.stringMatching(/^joined since \d\d:\d\d:\d\d$/)
  await expect
    .poll(() => rows(tab, 'rooms'))
    .toEqual([
      ['adw-state/42', '1', joined],
      ['errors', '1', joined],
      ['stats', '1', joined],
      ['tmux', '1', joined],
    ])
  await other.run(({ subscribe }) => void subscribe('errors'))
  await expect.poll(async () => (await rows(tab, 'tabs'))[1]?.[1]).toBe('tmux, errors')
  await expect.poll(async () => (await rows(tab, 'rooms'))[1]).toEqual(['errors', '2', joined])
  await other.close()
  await expect.poll(async () => (await rows(tab, 'tabs')).length).toBe(1)
  expect(await tab.run(({ complaints }) => complaints)).toEqual([])
})

test('a denied room is shown with the server’s reason', async ({ bench }) => {
  const server = await bench.server({ forbidden: ['secret'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['vault'] })
  await tab.run(({ inspect }) => inspect())
  await expect
    .poll(() => rows(tab, 'rooms'))
    .toEqual([
      ['secret', '1', expect.stringMatching(/^denied since \S+: forbidden$/)],
      ['stats', '1', expect.stringMatching(/^joined since /)],
    ])
  await expect.poll(() => text(tab, '.tile:nth-child(2)')).toMatch(/^Rooms joined\s+1 of 2\s+1 denied$/)
})

test('rooms with connections of their own - how each is, its next try, and why it was lost', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  const retry = { first: 20, every: 30_000, jitter: 0 }
  bench.serve({ rooms: `${await server.url()}/room`, retry }, 'websocket')
  const tab = await bench.page({ panels: ['wall'] })
  await tab.run(({ inspect }) => inspect())
  const online = expect.stringMatching(/^joined since \d\d:\d\d:\d\d connection online for \d+ s$/)
  // Eight handshakes, one after another.
  await expect.poll(() => rows(tab, 'rooms')).toEqual([...'abcdefgh'].map((room) => [room, '1', online]))
  await server.refuse('b', 503)
  await server.close(1012, 'restart', 'b')
  const away =
    /^stale since \S+ connection offline since \S+ · attempt 1 · next try in (30|2\d) s closed with 1006$/
  await expect
    .poll(() => rows(tab, 'rooms'))
    .toEqual([...'abcdefgh'].map((room) => [room, '1', room === 'b' ? expect.stringMatching(away) : online]))
  await server.refuse('b', undefined)
  await tab.run(({ line }) => line.retry())
  await expect.poll(async () => (await rows(tab, 'rooms'))[1]).toEqual(['b', '1', online])
  expect(await tab.run(({ complaints }) => complaints)).toEqual([])
})

test('an outage - shown at once, and marked on the timeline with its retries, polls and gaps', async ({
  bench,
}) => {
  const server = await bench.server()
  const far = await bench.server()
  await far.setVersion({ kind: 'text', body: 'v1' })
  const version = { url: `${await far.url()}/version`, every: 100 }
  bench.serve({ url: await server.url(), ...QUICK, version })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => text(tab, '.state')).toMatch(/^Online/)
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')

  // The headline changes with the status, not with the next snapshot.
  await tab.run(({ line, inspectors }) => {
    line.on('status', ({ state }) => {
      if (state !== 'offline' || 'shown' in window) return
      const root = inspectors[0]?.element.shadowRoot
      Object.assign(window, { shown: root?.querySelector<HTMLElement>('.state')?.dataset['state'] })
    })
  })
  await server.stop()
  await expect.poll(() => tab.run(() => (window as { shown?: string }).shown)).toBe('offline')
  await expect.poll(() => text(tab, '[role=status]')).toBe('Connection: Offline')
  await expect
    .poll(() => labels(tab))
    .toContainEqual(expect.stringMatching(/^Offline, polling .* since .*, \d+ failed retr/))
  await expect.poll(() => text(tab, '.problem')).not.toBe('')
  await server.start()
  await expect.poll(() => text(tab, '.state')).toMatch(/^Online/)
  await expect.poll(() => text(tab, '.problem')).toBe('')

  const outcome = [
    expect.stringMatching(/Connection lost: .*; down for .*, new session$/),
    expect.stringMatching(/^Offline from \S+ to /),
    expect.stringMatching(/^Offline, polling the version from \S+ to /),
    expect.stringMatching(/\d+ failed retries, |Attempt \d+ failed: /),
    expect.stringMatching(/Version endpoint: v1/),
    expect.stringMatching(/Gap in (errors, stats|stats, errors): link/),
    expect.stringMatching(/Worker started$/),
    expect.stringMatching(/^Online since /),
  ]
  await expect.poll(() => labels(tab)).toEqual(expect.arrayContaining(outcome))
  expect(await text(tab, '.readout')).toMatch(/^Last 1 min: 1 loss, .*gap.* down\.$/)
  expect(await tab.run(({ complaints }) => complaints)).toEqual([])
})

test('paused by the app, and refused - each is a phase', async ({ bench }) => {
  const server = await bench.server({ tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], token: 'good' })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => text(tab, '.state')).toMatch(/^Online/)
  await tab.run(({ line }) => line.disconnect())
  await expect.poll(() => labels(tab)).toContainEqual(expect.stringMatching(/^Paused since /))
  await server.setTokens([])
  await tab.run(({ line }) => line.connect())
  await expect.poll(() => text(tab, '.state')).toMatch(/^Not authorized/)
  await expect
    .poll(() => labels(tab))
    .toContainEqual(expect.stringMatching(/^Not authorized since .*: unauthorized/))
  expect(await labels(tab)).toContainEqual(expect.stringMatching(/^Paused from /))
  // A disconnect on purpose is no loss.
  expect(await labels(tab)).not.toContainEqual(expect.stringMatching(/Connection lost/))
})

test('another build takes over - the inspector says which build serves whom, since when, and what it took over', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  const time = '\\d\\d:\\d\\d:\\d\\d'
  const alone = {
    Serves: expect.stringMatching(`^all tabs, since ${time}$`),
    Build: expect.stringMatching(/^dashboard\.worker\.ts \S+$/),
    'Build first seen': expect.stringMatching(`^${time}$`),
  }
  await expect.poll(() => details(tab)).toMatchObject(alone)
  expect(Object.keys(await details(tab))).not.toContain('Took over')

  await isLive(tab)
  bench.deploy('two')
  const next = await bench.frame({ panels: ['tmux'] })
  await isLive(next, 'tmux')
  const what = '1 tab and 2 rooms from dashboard\\.worker\\.ts, with its session'
  await expect
    .poll(() => details(tab))
    .toMatchObject({ ...alone, 'Took over': expect.stringMatching(`^${what}, ${time}$`) })
  await expect
    .poll(() => labels(tab))
    .toContainEqual(expect.stringMatching(`^${time} Worker started, and took over ${what}$`))
  expect(await labels(tab)).not.toContainEqual(expect.stringMatching(/Worker started$/))
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.look({ colorScheme })
    expect((await tab.run(({ axe }) => axe())).violations).toEqual([])
  }
  expect(await tab.run(({ complaints }) => complaints)).toEqual([])
})

test('a page cannot open the worker of another build - the inspector says so on both sides', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'] })
  await isLive(old)
  await old.run(({ inspect }) => {
    inspect()
    const policy = document.createElement('meta')
    policy.httpEquiv = 'Content-Security-Policy'
    policy.content = "worker-src 'none'"
    document.head.append(policy)
  })
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  await next.run(({ inspect }) => inspect())
  await expect
    .poll(() => details(old))
    .toMatchObject({
      Serves: expect.stringMatching(/^all tabs, since /),
      'Did not give way to': expect.stringMatching(/^dashboard\.worker\.ts, \S+: a page could not open it$/),
    })
  await expect
    .poll(() => details(next))
    .toMatchObject({
      Serves: expect.stringMatching(/^pages of its own build, since \S+; another build may serve others$/),
    })
  expect((await old.run(({ axe }) => axe())).violations).toEqual([])
})

test('an item under the pointer is described, and another range of time can be chosen', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => labels(tab)).toContainEqual(expect.stringMatching(/Worker started$/))
  const point = (type: string) =>
    tab.run(({ inspectors }, event) => {
      const items = [...(inspectors[0]?.element.shadowRoot?.querySelectorAll('.item') ?? [])]
      const item = items.find((each) => each.getAttribute('aria-label')?.endsWith('Worker started'))
      const target = event === 'pointerleave' ? item?.closest('svg') : item?.firstElementChild
      target?.dispatchEvent(new PointerEvent(event, { bubbles: true }))
    }, type)
  await point('pointerover')
  expect(await text(tab, '.readout')).toMatch(/^\S+ Worker started$/)
  await point('pointerleave')
  expect(await text(tab, '.readout')).toBe('Last 1 min: nothing went wrong.')
  await tab.run(({ inspectors }) =>
    inspectors[0]?.element.shadowRoot?.querySelector<HTMLElement>('.ranges input')?.click(),
  )
  expect(await text(tab, '.readout')).toBe('Last 5 min: nothing went wrong.')
})

test('a loss can be pointed at, though the retries right after it have failed', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.look({ width: 1000, height: 1500 })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => text(tab, '.state')).toMatch(/^Online/)
  await server.stop()
  await expect
    .poll(() => labels(tab))
    .toContainEqual(expect.stringMatching(/Attempt 1 failed|failed retries,/))
  /** The description of what the pointer hits in the middle of the first mark of a kind. */
  const found = (kind: string) =>
    tab.run(({ inspectors }, of) => {
      const root = inspectors[0]?.element.shadowRoot
      const { x, y, width, height } =
        root?.querySelector(`.timeline .glyph.${of}`)?.getBoundingClientRect() ?? new DOMRect()
      const hit = root?.elementFromPoint(x + width / 2, y + height / 2)
      return hit?.closest('.item')?.getAttribute('aria-label')
    }, kind)
  await expect.poll(() => found('drop')).toMatch(/Connection lost/)
  await expect.poll(() => found('retry')).toMatch(/failed/)
})

test('moved into another window, it goes on there, and looks the same', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => rows(tab, 'rooms')).toHaveLength(2)
  const background = () =>
    tab.run(({ inspectors: [inspector] }) => {
      const frame = inspector?.element.shadowRoot?.querySelector('.frame')
      return frame?.ownerDocument.defaultView?.getComputedStyle(frame).backgroundColor
    })
  const before = await background()
  await tab.run(({ inspectors: [inspector] }) => {
    const other = open('', '', 'popup,width=500,height=800')
    Object.assign(window, { other })
    if (inspector) other?.document.body.append(inspector.element)
  })
  const moved = await requests(tab)
  await expect.poll(() => requests(tab)).toBeGreaterThan(moved + 1)
  expect(await tab.run(({ inspectors }) => inspectors[0]?.element.ownerDocument === document)).toBe(false)
  expect(await background()).toBe(before)
  await tab.run(({ inspectors: [inspector] }) => inspector?.element.setAttribute('theme', 'dark'))
  expect(await background()).toBe('rgb(18, 22, 28)')
  await tab.run(() => (window as { other?: Window }).other?.close())
})

test('everything in the chart can be read as text', async ({ bench }) => {
  const tab = await afterLoss(bench)
  await tab.run(({ inspectors }) => inspectors[0]?.element.shadowRoot?.querySelector('summary')?.click())
  const wanted = [
    /^Online since/,
    /^Connection lost: io server disconnect/,
    /^Worker started$/,
    /^Tab \w{6} arrived$/,
  ]
  await expect
    .poll(async () => (await rows(tab, 'log')).map(([, what]) => what))
    .toEqual(expect.arrayContaining(wanted.map((each) => expect.stringMatching(each))))
})

test('a server’s error that reads like entries of the timeline is shown unchanged, and makes no marks', async ({
  bench,
}) => {
  const rejection = 'attempt 3 failed: another tab connected:\ngap in errors: link'
  const server = await bench.server({ rejection })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  const quoted = 'attempt 3 failed: another tab connected: gap in errors: link'
  await tab.run(({ inspectors }) => inspectors[0]?.element.shadowRoot?.querySelector('summary')?.click())
  const descriptions = async () => (await rows(tab, 'log')).map(([, what]) => what)
  const wanted = [
    new RegExp(`^Offline since [\\d:]+(, \\d+ failed retr(y|ies))?: ${quoted}$`),
    new RegExp(`^Attempt 2 failed: ${quoted}$`),
  ]
  await expect
    .poll(descriptions)
    .toEqual(expect.arrayContaining(wanted.map((each) => expect.stringMatching(each))))
  expect(await labels(tab)).toContainEqual(expect.stringContaining(rejection))
  const marks = () =>
    tab.run(({ inspectors }) => {
      const root = inspectors[0]?.element.shadowRoot
      return [...(root?.querySelectorAll('.timeline .item .glyph') ?? [])].map((each) => each.classList[1])
    })
  expect(new Set(await marks())).toEqual(new Set(['start', 'retry']))
})

test('export gives the snapshot as JSON', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await tab.run(({ inspect }) => inspect())
  const { name, text: json } = await tab.download('Export JSON')
  expect(name).toMatch(/^partyline-\d{4}(-\d\d){5}\.json$/)
  const { counters: _, ...file }: Snapshot = JSON.parse(json)
  const { counters, ...snapshot } = await tab.run(({ line }) => line.inspect())
  expect(file).toEqual(snapshot)
  expect(counters.connects).toBe(1)

  // If the worker does not answer, the last snapshot is exported.
  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) inspector.error = 'no answer'
  })
  expect(JSON.parse((await tab.download('Export JSON')).text)).toMatchObject({ worker: snapshot.worker })
})

test('scrolled out of view, in a hidden page, removed - it does not ask; visible again it asks at once', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => rows(tab, 'rooms')).toHaveLength(2)
  // Below the visible part of the page.
  await tab.run(({ inspect }) => inspect())
  const both = async () => [await requests(tab), await requests(tab, 1)] as const
  await expect.poll(() => requests(tab)).toBeGreaterThanOrEqual(2)
  expect(await requests(tab, 1)).toBe(0)

  // Both are visible now. The requests of the second one show how much time has passed.
  await tab.look({ width: 1000, height: 6000 })
  const twoMoreOfTheSecond = async () => {
    const [, before] = await both()
    await expect.poll(() => requests(tab, 1)).toBeGreaterThanOrEqual(before + 2)
  }
  await twoMoreOfTheSecond()
  expect((await both())[0]).toBeGreaterThanOrEqual(3)

  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) inspector.element.hidden = true
  })
  await expect.poll(() => tab.run(({ inspectors }) => inspectors[0]?.element.offsetHeight)).toBe(0)
  await twoMoreOfTheSecond()
  const [hidden] = await both()
  await twoMoreOfTheSecond()
  expect(await requests(tab)).toBe(hidden)

  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) inspector.element.hidden = false
  })
  await expect.poll(() => requests(tab)).toBeGreaterThan(hidden)

  const listeners = () => tab.run(({ inspectors }) => inspectors.map((each) => each.listeners))
  expect(await listeners()).toEqual([2, 2])
  await tab.run(({ inspectors }) => inspectors[0]?.element.remove())
  const removed = await requests(tab)
  await twoMoreOfTheSecond()
  expect(await requests(tab)).toBe(removed)
  expect(await listeners()).toEqual([0, 2])

  // Added again, and moved.
  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) document.body.prepend(inspector.element)
    if (inspector) document.body.append(inspector.element)
  })
  await expect.poll(() => requests(tab)).toBeGreaterThan(removed)
  expect(await listeners()).toEqual([2, 2])

  const show = (state: string) =>
    tab.run((_, value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)
  await show('hidden')
  const before = await both()
  // Nothing should happen, so the test can only wait for time to pass.
  await new Promise((done) => setTimeout(done, 2500))
  const after = await both()
  // Each may have had a request under way.
  expect(after[0] + after[1] - before[0] - before[1]).toBeLessThanOrEqual(2)
  await show('visible')
  await expect.poll(() => requests(tab)).toBeGreaterThan(after[0])
})

test('a hundred inspectors that were added and removed are garbage-collected', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => rows(tab, 'rooms')).toHaveLength(2)
  await tab.run(({ line }) => {
    const gone = Array.from({ length: 100 }, () => {
      const element = document.createElement('partyline-inspector')
      element.line = line
      document.body.append(element)
      return element
    })
    Object.assign(window, { gone: gone.map((element) => new WeakRef(element)) })
    setTimeout(() => {
      for (const element of gone.splice(0)) element.remove()
    })
  })
  const left = () =>
    tab.run(() => {
      const { gone } = window as { gone?: WeakRef<Element>[] }
      return gone?.filter((each) => each.deref() !== undefined).length
    })
  await expect.poll(() => tab.heap().then(left)).toBe(0)
})

test('a worker that does not answer, a line that is closed, another line in its place', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => rows(tab, 'rooms')).toHaveLength(2)
  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) inspector.error = 'the worker is busy'
  })
  await expect
    .poll(() => text(tab, '.problem'))
    .toMatch(/^No snapshot from the worker since \S+: the worker is busy Figures as of /)
  expect(await rows(tab, 'rooms')).toHaveLength(2)
  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) inspector.error = undefined
  })
  await expect.poll(() => text(tab, '.problem')).toBe('')

  await tab.run(({ line }) => line.close())
  await expect.poll(() => text(tab, '.state')).toMatch(/^Closed/)
  expect(await text(tab, '.problem')).toMatch(/line is closed\. Figures as of /)
  expect(await rows(tab, 'rooms')).toHaveLength(2)
  const closed = await requests(tab)

  // Another line, and then none.
  await tab.run(async ({ line, inspectors: [inspector] }) => {
    if (!inspector) return
    const status = { ...line.status, state: 'paused' as const }
    inspector.element.line = { status, on: () => () => {}, inspect: () => new Promise(() => {}) }
  })
  expect(await text(tab, '.state')).toMatch(/^Paused/)
  expect(await rows(tab, 'rooms')).toEqual([])
  await tab.run(({ inspectors: [inspector] }) => {
    if (inspector) inspector.element.line = undefined
  })
  expect(await text(tab, '.state')).toMatch(/^No line/)
  expect(await requests(tab)).toBe(closed)
  expect(await tab.run(({ inspectors, complaints }) => [inspectors[0]?.listeners, complaints])).toEqual([
    0,
    [],
  ])
})

test('an element that got its line before the inspector was loaded', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await tab.run(({ line }) => {
    const element = document.createElement('partyline-inspector')
    Object.assign(element, { line })
    document.body.append(element)
  })
  await tab.run(({ inspect }) => inspect())
  await expect
    .poll(() =>
      tab.run(
        () =>
          document.querySelector('partyline-inspector')?.shadowRoot?.querySelectorAll('.rooms tbody tr')
            .length,
      ),
    )
    .toBe(2)
})

test.for(['light', 'dark'] as const)('no accessibility problems - %s', async (colorScheme, { bench }) => {
  const server = await bench.server({ forbidden: ['secret'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['vault', 'errors'] })
  await tab.look({ colorScheme })
  await isLive(tab)
  await expect
    .poll(() => tab.run(({ line }) => line.panel('vault').rooms))
    .toEqual({ secret: 'denied', stats: 'live' })
  await tab.run(({ inspect }) => inspect())
  await expect.poll(() => rows(tab, 'rooms')).toHaveLength(3)
  await server.kick()
  await expect.poll(() => labels(tab)).toContainEqual(expect.stringMatching(/Connection lost/))
  await tab.run(({ inspectors }) => inspectors[0]?.element.shadowRoot?.querySelector('summary')?.click())
  const background = await tab.run(({ inspectors }) => {
    const frame = inspectors[0]?.element.shadowRoot?.querySelector('.frame')
    return frame && getComputedStyle(frame).backgroundColor
  })
  expect(background).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(18, 22, 28)')
  const { violations, passes } = await tab.run(({ axe }) => axe())
  expect(violations).toEqual([])
  expect(passes).toEqual(
    expect.arrayContaining(['color-contrast', 'svg-img-alt', 'scope-attr-valid', 'button-name']),
  )
  // Also without a connection.
  await server.stop()
  await expect.poll(() => text(tab, '.state')).toMatch(/^Offline/)
  expect((await tab.run(({ axe }) => axe())).violations).toEqual([])
})

test('everything can be reached by keyboard, and a focused mark is described', async ({ bench }) => {
  const tab = await afterLoss(bench)
  const focused = () =>
    tab.run(({ inspectors }) => {
      const active = inspectors[0]?.element.shadowRoot?.activeElement
      return active?.getAttribute('aria-label') ?? active?.parentElement?.textContent ?? active?.tagName
    })
  await tab.press('Tab')
  expect(await focused()).toBe('Export JSON')
  await tab.press('Tab')
  expect(await focused()).toBe('All')
  await tab.press('ArrowLeft')
  expect(await focused()).toBe('1 h')
  await tab.press('ArrowRight')
  await tab.press('Tab')
  await tab.press('Home')
  const seen = new Set<string>()
  for (let steps = (await labels(tab)).length; steps > 0; steps -= 1) {
    expect(await text(tab, '.readout')).toBe(await focused())
    seen.add((await focused()) ?? '')
    await tab.press('ArrowRight')
  }
  expect([...seen]).toContainEqual(expect.stringMatching(/Connection lost: io server disconnect/))
  // The chart moves on, and the focus stays.
  const last = await focused()
  const before = await requests(tab)
  await expect.poll(() => requests(tab)).toBeGreaterThan(before + 1)
  expect(await focused()).toBe(last)
  await tab.press('Tab')
  expect(await focused()).toMatch(/^As text/)
  await tab.press('Enter')
  await expect.poll(() => rows(tab, 'log')).not.toHaveLength(0)
  await tab.press('Shift+Tab')
  expect(await focused()).toBe(last)
})

test.for([320, 700, 1800])(
  'at a width of %i px nothing overflows, and growing figures do not shift the layout',
  async (width, { bench }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK })
    const tab = await bench.page({
      panels: ['errors', ['workflow', 'a-very-long-name-of-a-workflow-that-nobody-can-break']],
    })
    await tab.look({ width })
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
    await tab.run(({ inspect }) => inspect())
    await expect.poll(() => rows(tab, 'rooms')).toHaveLength(3)
    await tab.run(() => {
      const shifts: number[] = []
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          shifts.push((entry as PerformanceEntry & { value: number }).value)
      }).observe({ type: 'layout-shift' })
      Object.assign(window, { shifts })
    })
    await server.emitMany('errors', 'row', 1, 12_000)
    const received = async () => (await rows(tab, 'counters')).find(([name]) => name === 'received')?.[1]
    await expect.poll(received).toMatch(/^1\d,\d{3}$/)
    const before = await requests(tab)
    await expect.poll(() => requests(tab)).toBeGreaterThan(before + 1)
    expect(await tab.run(() => (window as { shifts?: number[] }).shifts)).toEqual([])
    const { wide, broken } = await tab.run(({ inspectors }) => ({
      wide: document.documentElement.scrollWidth,
      broken: [...(inspectors[0]?.element.shadowRoot?.querySelectorAll('*') ?? [])]
        .filter(
          (each) =>
            each instanceof HTMLElement &&
            !each.matches('.unseen') &&
            each.scrollWidth > each.clientWidth + 1 &&
            each.clientWidth > 0,
        )
        .map((each) => `${each.tagName}.${each.className}`),
    }))
    expect(wide).toBeLessThanOrEqual(width)
    expect(broken).toEqual([])
  },
)
