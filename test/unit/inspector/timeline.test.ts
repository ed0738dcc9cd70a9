import type { Snapshot, TimelineEntry } from 'partyline'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHistory } from '../../../inspector/history/history'
import { marksOf } from '../../../inspector/history/marks'
import { spansOf } from '../../../inspector/history/spans'
import { markItems, spanItems } from '../../../inspector/timeline/items'
import { summarizeRange } from '../../../inspector/timeline/range-summary'
import { createScale, roundLength } from '../../../inspector/timeline/scale'
import type { Happening } from '../../../shared/snapshot'
import { createRecorder } from '../../../worker/recorder'

/** The inspector's timeline, from what a worker recorded. Times are ms after the worker's start. */

const START = new Date(2026, 10, 21, 14, 0, 0).getTime()

// Times of another day are shown with the day.
beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

type State = Extract<Happening, { what: 'state-changed' }>['state']

const changed = (state: State, reason?: string): Happening => ({
  what: 'state-changed',
  state,
  ...(reason !== undefined && { reason }),
})
const failed = (attempt: number, reason: string): Happening => ({ what: 'attempt-failed', attempt, reason })

function snapshot(
  happened: readonly (readonly [at: number, happening: Happening])[],
  link: Partial<Snapshot['link']> = {},
  status: Partial<Snapshot['status']> = {},
): Snapshot {
  return {
    incarnation: 'one',
    worker: 'partyline/1/',
    startedAt: START,
    status: { state: 'online', since: START, attempt: 0, shared: true, persistent: true, ...status },
    tabs: [],
    rooms: [],
    link: { downtime: 0, outages: [], roundTrips: [], ...link },
    counters: { ...createRecorder().counters(), drops: link.outages?.length ?? 0 },
    timeline: happened.map(([at, happening]) => ({ at: START + at, ...happening })),
  }
}

const spans = (given: Snapshot, to: number, polls: readonly number[] = []) =>
  spansOf(
    given,
    polls.map((at) => ({ at: START + at, what: 'version-read', version: 'v1' })),
    START + to,
  ).map(({ phase, from, to: end, retries }) => [
    phase,
    from - START,
    end - START,
    retries.map((at) => at - START),
  ])

describe('phases of the connection', () => {
  test('lost, two attempts that fail, back - one outage with both failed attempts', () => {
    const given = snapshot([
      [0, changed('connecting')],
      [10, changed('online')],
      [1000, changed('offline', 'transport close')],
      [1510, failed(1, 'websocket error')],
      [6510, failed(2, 'The server did not answer the handshake within 10 s.')],
      [6600, changed('online')],
    ])
    expect(spans(given, 9000)).toEqual([
      ['connecting', 0, 10, []],
      ['online', 10, 1000, []],
      ['offline', 1000, 6600, [1510, 6510]],
      ['online', 6600, 9000, []],
    ])
  })

  test('offline, then a poll of the version endpoint - polling from then on', () => {
    const given = snapshot([
      [0, changed('online')],
      [1000, changed('offline', 'transport close')],
      [1510, failed(1, 'websocket error')],
      [6510, failed(2, 'websocket error')],
    ])
    const phases = [
      ['online', 0, 1000, []],
      ['offline', 1000, 3000, [1510]],
      ['polling', 3000, 9000, [6510]],
    ]
    expect(spans(given, 9000, [500, 3000, 4000])).toEqual(phases)
    // Also if the inspector was opened later: the worker records the first poll of an outage.
    for (const answer of [
      { what: 'version-read', version: 'v1' },
      { what: 'version-unavailable', reason: 'HTTP 503' },
    ] as const) {
      const timeline = [...given.timeline, { at: START + 3000, ...answer }]
      expect(spans({ ...given, timeline }, 9000, [4000])).toEqual(phases)
    }
  })

  test('refused, then refused again in the background - one refusal', () => {
    const given = snapshot([
      [0, changed('connecting')],
      [10, changed('offline', 'no')],
      [20, changed('unauthorized', 'no')],
      [60_030, failed(3, 'no')],
      [70_000, changed('online')],
    ])
    expect(spans(given, 80_000)).toEqual([
      ['connecting', 0, 10, []],
      ['offline', 10, 20, []],
      ['unauthorized', 20, 70_000, [60_030]],
      ['online', 70_000, 80_000, []],
    ])
  })

  test('the last tab leaves and another arrives - idle between, not connecting', () => {
    const given = snapshot([
      [0, changed('connecting')],
      [10, changed('online')],
      [1000, changed('idle')],
      [5000, changed('connecting')],
      [5010, changed('online')],
      [6000, changed('paused')],
      [7000, changed('connecting')],
      [7010, changed('online')],
    ])
    expect(spans(given, 8000).map(([phase, from]) => [phase, from])).toEqual([
      ['connecting', 0],
      ['online', 10],
      ['idle', 1000],
      ['connecting', 5000],
      ['online', 5010],
      ['paused', 6000],
      ['connecting', 7000],
      ['online', 7010],
    ])
  })

  test('a retry that the user asked for - connecting, and not idle', () => {
    const given = snapshot([
      [0, changed('online')],
      [1000, changed('offline', 'gone')],
      [2000, changed('connecting', 'gone')],
      [2010, changed('online')],
    ])
    expect(spans(given, 3000).map(([phase]) => phase)).toEqual(['online', 'offline', 'connecting', 'online'])
  })

  test('a timeline without its first entries - the outages give the phases', () => {
    const outages = [
      { at: START + 1000, reason: 'transport close', for: 500, recovered: true },
      { at: START + 3000, reason: 'paused', hungUp: 'paused', for: 500, recovered: false },
      { at: START + 9000, reason: 'transport close' },
    ] as const
    const given = snapshot([[9500, failed(7, 'gone')]], { outages }, { state: 'offline' })
    expect(spans(given, 9900)).toEqual([
      ['online', 0, 1000, []],
      ['offline', 1000, 1500, []],
      ['online', 1500, 3000, []],
      ['paused', 3000, 3500, []],
      ['online', 3500, 9000, []],
      ['offline', 9000, 9900, [9500]],
    ])
  })

  test('a timeline full of tabs that come and go - the status says since when it is online', () => {
    const given = snapshot([[500, { what: 'tab-arrived', tab: 'a' }]], {}, { since: START + 100 })
    expect(spans(given, 900)).toEqual([['online', 100, 900, []]])
  })
})

describe('marks', () => {
  const all = (given: Snapshot, history = createHistory()) =>
    marksOf(given, history)
      .filter(({ text }) => text !== 'Worker started')
      .map(({ kind, text }) => [kind, text])

  test('losses with their length and outcome; a disconnect on purpose is no loss', () => {
    const outages = [
      { at: START + 1000, reason: 'transport close', for: 3200, recovered: true },
      { at: START + 5000, reason: 'paused', hungUp: 'paused', for: 100, recovered: false },
      { at: START + 6000, reason: 'ping timeout' },
    ] as const
    expect(all(snapshot([], { outages }))).toEqual([
      ['drop', 'Connection lost: transport close; down for 3.2 s, session recovered'],
      ['note', 'Disconnected (paused); down for 100 ms'],
      ['drop', 'Connection lost: ping timeout; still down'],
    ])
  })

  test.for(['paused', 'connecting', 'constructor'])(
    'a connection that was lost for the reason "%s" was not closed on purpose',
    (reason) => {
      const given = snapshot([], { outages: [{ at: START + 1000, reason, for: 500, recovered: true }] })
      expect(all(given)).toEqual([['drop', `Connection lost: ${reason}; down for 500 ms, session recovered`]])
      expect(spans(given, 2000).map(([phase]) => phase)).toEqual(['online', 'offline', 'online'])
    },
  )

  /** An entry of each kind, and its mark. The type makes sure that none is missing. */
  const tab = 'abcdef-2345678901-3456789012'
  const EACH: { [What in TimelineEntry['what']]: readonly [Happening & { what: What }, ...string[]] } = {
    'state-changed': [{ what: 'state-changed', state: 'online' }],
    'attempt-failed': [
      { what: 'attempt-failed', attempt: 2, reason: 'websocket error' },
      ...['retry', 'Attempt 2 failed: websocket error'],
    ],
    'version-read': [{ what: 'version-read', version: 'v1' }, 'poll', 'Version endpoint: v1'],
    'version-unavailable': [
      { what: 'version-unavailable', reason: 'HTTP 503' },
      ...['poll', 'Version endpoint: no version: HTTP 503'],
    ],
    gap: [
      { what: 'gap', rooms: ['adw-state/42', 'tab 12345678'], cause: 'link' },
      ...['gap', 'Gap in adw-state/42, tab 12345678: link'],
    ],
    'tab-arrived': [{ what: 'tab-arrived', tab }, 'note', 'Tab abcdef arrived'],
    'tab-left': [{ what: 'tab-left', tab }, 'note', 'Tab abcdef left'],
    'tab-forgotten': [{ what: 'tab-forgotten', tab }, 'note', 'Tab abcdef was forgotten'],
    'panel-not-restored': [
      { what: 'panel-not-restored', tab, panel: ['old', '42'], reason: 'unknown panel "old"' },
      ...['note', 'Panel old / 42 of tab abcdef was not restored: unknown panel "old"'],
    ],
    'session-restored': [
      { what: 'session-restored' },
      ...['note', 'Continued the session of the previous worker'],
    ],
    'session-not-restored': [
      { what: 'session-not-restored' },
      ...['note', 'The previous worker left no session to continue'],
    ],
    'took-over': [
      { what: 'took-over', address: 'https://a/b/worker-1.js?x', tabs: 2, rooms: 1, session: true },
      ...['start', 'Worker started, and took over 2 tabs and 1 room from worker-1.js, with its session'],
    ],
    'kept-serving': [
      { what: 'kept-serving', address: 'https://a/worker-1.js', why: 'older' },
      ...['note', 'Did not give way to worker-1.js: this build is newer, and has pages open'],
    ],
    'reload-ordered': [{ what: 'reload-ordered' }, 'reload', 'The server ordered all tabs to reload'],
    'reload-given': [
      { what: 'reload-given', tab, reason: 'version', version: 'v2' },
      ...['reload', 'Tab abcdef was ordered to reload: version v2'],
    ],
    'woke-from-sleep': [{ what: 'woke-from-sleep' }, 'wake', 'Woke from sleep'],
    'signed-out': [{ what: 'signed-out' }, 'note', 'Signed out'],
  }

  test.for(Object.entries(EACH))('%s has a mark and a description', ([, [happening, ...mark]]) => {
    expect(all(snapshot([[10, happening]]))).toEqual(mark.length === 0 ? [] : [mark])
  })

  test('a worker that took over has one mark for its start, which says from which build', () => {
    const given = snapshot([
      [3, { what: 'took-over', address: 'https://a/worker-1.js', tabs: 10, rooms: 4, session: false }],
      [900, { what: 'kept-serving', address: 'https://a/worker-1.js', why: 'too-often' }],
      [950, { what: 'kept-serving', address: 'https://a/worker-3.js', why: 'page-cannot-move' }],
    ])
    expect(marksOf(given, createHistory()).map(({ kind, text }) => [kind, text])).toEqual([
      ['start', 'Worker started, and took over 10 tabs and 4 rooms from worker-1.js, but not its session'],
      ['note', 'Did not give way to worker-1.js: earlier builds took over several times within a minute'],
      ['note', 'Did not give way to worker-3.js: a page could not open it'],
    ])
  })

  test('a reload order without a version ends with its reason', () => {
    const given = snapshot([[10, { what: 'reload-given', tab, reason: 'stuck' }]])
    expect(all(given)).toEqual([['reload', 'Tab abcdef was ordered to reload: stuck']])
  })

  test.for([
    'attempt 3 failed: offline',
    'gap in errors: link',
    'woke from sleep',
    'another tab 1234567890 connected',
    'a reason: with a colon\nand a line of its own',
  ])('the text "%s" from outside is shown unchanged, and makes no mark', (text) => {
    const given = snapshot(
      [
        [10, changed('online')],
        [1000, changed('offline', text)],
        [2000, failed(1, text)],
        [3000, { what: 'version-unavailable', reason: text }],
        [4000, { what: 'panel-not-restored', tab: text, panel: [text], reason: text }],
      ],
      { outages: [{ at: START + 1000, reason: text }] },
    )
    expect(all(given)).toEqual([
      ['drop', `Connection lost: ${text}; still down`],
      ['retry', `Attempt 1 failed: ${text}`],
      ['poll', `Version endpoint: no version: ${text}`],
      ['note', `Panel ${text} of tab ${text.slice(0, 6)} was not restored: ${text}`],
    ])
    const phases = spansOf(given, [], START + 5000)
    expect(phases.map(({ phase, reason }) => [phase, reason])).toEqual([
      ['online', undefined],
      ['offline', text],
      ['polling', text],
    ])
  })

  test('a worker of another version - unknown names are shown, and break nothing', () => {
    const foreign = [
      { what: 'worker-replaced', by: 'v2' },
      { what: 'constructor' },
      { what: 'tab 12345678 said hello' },
      { what: 'state-changed', state: 'resting' },
      { what: 'tab-left', tab: 'abcdef-2345678901' },
    ].map((happening, index) => [(index + 1) * 1000, happening as Happening] as const)
    const given = snapshot([[10, changed('online')], ...foreign])
    expect(all(given)).toEqual([
      ['note', 'worker-replaced'],
      ['note', 'constructor'],
      ['note', 'tab 12345678 said hello'],
      ['note', 'Tab abcdef left'],
    ])
    const now = START + 6000
    const items = spanItems(spansOf(given, [], now), createScale(60_000, now, 600))
    expect(items.map(({ text }) => text)).toEqual([
      'Online from 14:00:00 to 14:00:04, 4.0 s',
      'resting since 14:00:04',
    ])
    expect(markItems(marksOf(given, createHistory()), createScale(60_000, now, 600))).toHaveLength(1)
  })

  test('a gap that this tab received is marked once, whether the worker recorded it or not', () => {
    const history = createHistory()
    const gap = { from: START, to: START + 10, cause: 'link' } as const
    history.addGap({ ...gap, rooms: ['errors', 'stats'] })
    const [received] = history.gaps
    const at = (received?.at ?? 0) - START
    const recorded = snapshot([
      [at, { what: 'gap', rooms: ['errors'], cause: 'link' }],
      [at, { what: 'gap', rooms: ['stats'], cause: 'link' }],
    ])
    expect(all(recorded, history)).toHaveLength(2)
    expect(all(snapshot([]), history)).toEqual([
      ['gap', expect.stringMatching(/^Gap in errors, stats: link, from 14:00:00 to 14:00:00$/)],
    ])
  })

  test('a poll in a snapshot is marked once, whether the worker recorded it or not', () => {
    const history = createHistory()
    const recorder = createRecorder()
    recorder.polled({ version: 'v1' })
    const version = recorder.version()
    history.addSnapshot({ ...snapshot([]), ...(version && { version }) })
    const poll = ['poll', 'Version endpoint: v1']
    expect(all(snapshot([]), history)).toEqual([poll])
    expect(all({ ...snapshot([]), timeline: recorder.timeline() }, history)).toEqual([poll])
    expect(all({ ...snapshot([]), timeline: recorder.timeline() })).toEqual([poll])
  })

  test('each poll of the version endpoint is remembered once', () => {
    const history = createHistory()
    const seen = (at: number, answer: { version?: string; error?: string }) =>
      history.addSnapshot({ ...snapshot([]), version: { at: START + at, ...answer } })
    seen(100, { version: 'v1' })
    seen(100, { version: 'v1' })
    seen(200, { error: 'HTTP 503' })
    expect(all(snapshot([]), history)).toEqual([
      ['poll', 'Version endpoint: v1'],
      ['poll', 'Version endpoint: no version: HTTP 503'],
    ])
  })
})

describe('the chart', () => {
  const outages = [{ at: START + 1000, reason: 'transport close', for: 60_000, recovered: false }]
  const retries = Array.from({ length: 12 }, (_, index) => 2000 + index * 5000)
  const given = snapshot(
    [
      [0, changed('online')],
      [1000, changed('offline', 'transport close')],
      ...retries.map((at, index) => [at, failed(index + 1, 'gone')] as const),
      [61_000, changed('online')],
    ],
    { outages },
  )

  test('marks that are too close to each other are one item, and the same one a moment later', () => {
    const now = START + 1000 * 60 * 30
    const items = (at: number, width: number) => {
      const scale = createScale(30 * 60_000, at, width)
      return markItems(marksOf(given, createHistory()), scale)
    }
    const narrow = items(now, 300)
    expect(narrow.filter(({ kind }) => kind === 'retry').length).toBeLessThan(3)
    expect(narrow.flatMap(({ kind, times }) => (kind === 'retry' ? times : []))).toHaveLength(12)
    expect(narrow.find(({ kind }) => kind === 'retry')?.text).toMatch(/^\d+ failed retries, 14:00:02 to /)
    const keys = narrow.filter(({ from }) => from > now - 30 * 60_000 + 1000).map(({ key }) => key)
    expect(items(now + 1000, 300).map(({ key }) => key)).toEqual(expect.arrayContaining(keys))
    expect(items(now, 40_000).filter(({ kind }) => kind === 'retry')).toHaveLength(12)
  })

  test('only what is within its time is drawn, and its edge cuts a phase', () => {
    const now = START + 90_000
    const scale = createScale(60_000, now, 600)
    const items = spanItems(spansOf(given, [], now), scale)
    expect(items.map(({ kind, from }) => [kind, from - START])).toEqual([
      ['offline', 30_000],
      ['online', 61_000],
    ])
    expect(items[0]?.text).toBe(
      'Offline from 14:00:01 to 14:01:01, 1 min 0 s, 12 failed retries: transport close',
    )
    expect(scale.x(now)).toBe(600)
  })

  test('a sentence summarizes what went wrong within its time', () => {
    const now = START + 90_000
    const all = spansOf(given, [], now)
    const marks = marksOf(given, createHistory())
    expect(summarizeRange(all, marks, createScale(5 * 60_000, now, 600))).toBe(
      'Last 5 min: 1 loss, 1 min 0 s down.',
    )
    expect(summarizeRange(all, marks, createScale(60_000, now + 120_000, 600))).toBe(
      'Last 1 min: nothing went wrong.',
    )
  })

  test('ticks are at round times, and never too close', () => {
    for (const [length, width] of [
      [60_000, 280],
      [5 * 60_000, 1100],
      [18 * 3_600_000, 600],
      [9 * 86_400_000, 280],
    ] as const) {
      const { ticks, x } = createScale(length, START + 12_345, width)
      expect(ticks.length).toBeGreaterThan(0)
      const places = ticks.map(({ at }) => x(at))
      for (const [index, place] of places.slice(1).entries())
        expect(place - (places[index] ?? 0)).toBeGreaterThan(70)
    }
    expect(createScale(5 * 60_000, START, 400).ticks.map(({ label }) => label)).toEqual([
      '13:56',
      '13:58',
      '14:00',
    ])
  })

  test('times of another day are shown with the day', () => {
    vi.setSystemTime(START + 86_400_000)
    const now = START + 90_000
    const [span] = spanItems(spansOf(given, [], now), createScale(60_000, now, 600))
    expect(span?.text).toMatch(/^Offline from 21 Nov 14:00:01 to 21 Nov 14:01:01, /)
  })

  test('its length is the lifetime of the worker, rounded up', () => {
    expect([20_000, 61_000, 40 * 60_000, 20 * 3_600_000, 49 * 3_600_000].map(roundLength)).toEqual(
      [1, 2, 45, 24 * 60, 72 * 60].map((minutes) => minutes * 60_000),
    )
  })
})
