import type { Snapshot } from 'partyline'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { markItems, spanItems } from '../../inspector/items'
import { marksOf } from '../../inspector/marks'
import { recap } from '../../inspector/recap'
import { createScale, roundLength } from '../../inspector/scale'
import { spansOf } from '../../inspector/spans'
import { createWitness } from '../../inspector/witness'
import { createRecorder } from '../../worker/recorder'

/** What the inspector makes of a worker's record. Times are ms after its start. */

const START = new Date(2026, 10, 21, 14, 0, 0).getTime()

// Times of another day are told with it.
beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function snapshot(
  lines: readonly (readonly [at: number, what: string])[],
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
    timeline: lines.map(([at, what]) => ({ at: START + at, what })),
  }
}

const spans = (given: Snapshot, to: number, polls: readonly number[] = []) =>
  spansOf(
    given,
    polls.map((at) => ({ at: START + at, answer: 'v1' })),
    START + to,
  ).map(({ phase, from, to: end, retries }) => [
    phase,
    from - START,
    end - START,
    retries.map((at) => at - START),
  ])

describe('phases of the link', () => {
  test('lost, two attempts that fail, back - one outage with those', () => {
    const given = snapshot([
      [0, 'connecting'],
      [10, 'online'],
      [1000, 'offline: transport close'],
      [1510, 'attempt 1 failed: websocket error'],
      [6510, 'attempt 2 failed: The server did not answer the handshake within 10 s.'],
      [6600, 'online'],
    ])
    expect(spans(given, 9000)).toEqual([
      ['connecting', 0, 10, []],
      ['online', 10, 1000, []],
      ['offline', 1000, 6600, [1510, 6510]],
      ['online', 6600, 9000, []],
    ])
  })

  test('offline, and the version endpoint is heard of - polling from then on', () => {
    const given = snapshot([
      [0, 'online'],
      [1000, 'offline: transport close'],
      [1510, 'attempt 1 failed: websocket error'],
      [6510, 'attempt 2 failed: websocket error'],
    ])
    const phases = [
      ['online', 0, 1000, []],
      ['offline', 1000, 3000, [1510]],
      ['polling', 3000, 9000, [6510]],
    ]
    expect(spans(given, 9000, [500, 3000, 4000])).toEqual(phases)
    // Whether the inspector was there or not: the worker notes the first of an outage.
    const noted = [...given.timeline, { at: START + 3000, what: 'version endpoint: v1' }]
    expect(spans({ ...given, timeline: noted }, 9000, [4000])).toEqual(phases)
  })

  test('refused, and asking again quietly - one refusal', () => {
    const given = snapshot([
      [0, 'connecting'],
      [10, 'offline: no'],
      [20, 'unauthorized: no'],
      [60_030, 'attempt 3 failed: no'],
      [70_000, 'online'],
    ])
    expect(spans(given, 80_000)).toEqual([
      ['connecting', 0, 10, []],
      ['offline', 10, 20, []],
      ['unauthorized', 20, 70_000, [60_030]],
      ['online', 70_000, 80_000, []],
    ])
  })

  test('the last tab went and another came - idle between, not connecting', () => {
    const given = snapshot([
      [0, 'connecting'],
      [10, 'online'],
      [1000, 'idle'],
      [5000, 'connecting'],
      [5010, 'online'],
      [6000, 'paused'],
      [7000, 'connecting'],
      [7010, 'online'],
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

  test('tried by hand - connecting, and not idle', () => {
    const given = snapshot([
      [0, 'online'],
      [1000, 'offline: gone'],
      [2000, 'connecting: gone'],
      [2010, 'online'],
    ])
    expect(spans(given, 3000).map(([phase]) => phase)).toEqual(['online', 'offline', 'connecting', 'online'])
  })

  test('a timeline that has let go of its beginning - the outages tell it', () => {
    const outages = [
      { at: START + 1000, reason: 'transport close', for: 500, recovered: true },
      { at: START + 3000, reason: 'paused', for: 500, recovered: false },
      { at: START + 9000, reason: 'transport close' },
    ]
    const given = snapshot([[9500, 'attempt 7 failed: gone']], { outages }, { state: 'offline' })
    expect(spans(given, 9900)).toEqual([
      ['online', 0, 1000, []],
      ['offline', 1000, 1500, []],
      ['online', 1500, 3000, []],
      ['paused', 3000, 3500, []],
      ['online', 3500, 9000, []],
      ['offline', 9000, 9900, [9500]],
    ])
  })

  test('a timeline full of tabs that come and go - the status tells since when it is up', () => {
    const given = snapshot([[500, 'tab a said hello']], {}, { since: START + 100 })
    expect(spans(given, 900)).toEqual([['online', 100, 900, []]])
  })
})

describe('marks', () => {
  const all = (given: Snapshot, witness = createWitness()) =>
    marksOf(given, witness)
      .filter(({ kind }) => kind !== 'start')
      .map(({ kind, text }) => [kind, text])

  test('losses with their length and outcome; hanging up is none', () => {
    const outages = [
      { at: START + 1000, reason: 'transport close', for: 3200, recovered: true },
      { at: START + 5000, reason: 'paused', for: 100, recovered: false },
      { at: START + 6000, reason: 'ping timeout' },
    ]
    expect(all(snapshot([], { outages }))).toEqual([
      ['drop', 'Link lost: transport close; down for 3.2 s, session recovered'],
      ['note', 'Hung up; down for 100 ms'],
      ['drop', 'Link lost: ping timeout; still down'],
    ])
  })

  test('reload orders, gaps and wake-ups, with ids as short as in the table of tabs', () => {
    const tab = 'abcdef-2345678901-3456789012'
    const given = snapshot([
      [10, `tab ${tab} said hello`],
      [20, 'reload ordered by the server'],
      [30, `tab ${tab} is to reload: version v2`],
      [40, 'gap in adw-state/42: link'],
      [45, 'gap in tab 12345678: away'],
      [47, `panel ["old"] of tab ${tab} is not known any more`],
      [50, 'woke from sleep'],
    ])
    expect(all(given)).toEqual([
      ['note', 'Tab abcdef said hello'],
      ['reload', 'Reload ordered by the server'],
      ['reload', 'Tab abcdef is to reload: version v2'],
      ['gap', 'Gap in adw-state/42: link'],
      ['gap', 'Gap in tab 12345678: away'],
      ['note', 'Panel ["old"] of tab abcdef is not known any more'],
      ['wake', 'Woke from sleep'],
    ])
  })

  test('a gap this tab was told of is marked once, whether the worker noted it or not', () => {
    const witness = createWitness()
    const gap = { from: START, to: START + 10, cause: 'link' } as const
    witness.hear({ ...gap, rooms: ['errors', 'stats'] })
    const [told] = witness.gaps
    const at = (told?.at ?? 0) - START
    const noted = snapshot([
      [at, 'gap in errors: link'],
      [at, 'gap in stats: link'],
    ])
    expect(all(noted, witness)).toHaveLength(2)
    expect(all(snapshot([]), witness)).toEqual([
      ['gap', expect.stringMatching(/^Gap in errors, stats: link, from 14:00:00 to 14:00:00$/)],
    ])
  })

  test('an attempt that failed says why', () => {
    const given = snapshot([
      [0, 'offline: gone'],
      [10, 'attempt 2 failed: websocket error'],
    ])
    expect(all(given)).toEqual([['retry', 'Attempt 2 failed: websocket error']])
  })

  test('a poll that was seen is marked once, whether the worker noted it or not', () => {
    const witness = createWitness()
    const recorder = createRecorder()
    const version = recorder.polled({ version: 'v1' })
    witness.see({ ...snapshot([]), version })
    const poll = ['poll', 'Version endpoint: v1']
    expect(all(snapshot([]), witness)).toEqual([poll])
    expect(all({ ...snapshot([]), timeline: recorder.timeline() }, witness)).toEqual([poll])
    expect(all({ ...snapshot([]), timeline: recorder.timeline() })).toEqual([poll])
  })

  test('each poll of the version endpoint is remembered once', () => {
    const witness = createWitness()
    const seen = (at: number, answer: { version?: string; error?: string }) =>
      witness.see({ ...snapshot([]), version: { at: START + at, ...answer } })
    seen(100, { version: 'v1' })
    seen(100, { version: 'v1' })
    seen(200, { error: 'HTTP 503' })
    expect(all(snapshot([]), witness)).toEqual([
      ['poll', 'Version endpoint: v1'],
      ['poll', 'Version endpoint: no version: HTTP 503'],
    ])
  })
})

describe('the picture', () => {
  const outages = [{ at: START + 1000, reason: 'transport close', for: 60_000, recovered: false }]
  const retries = Array.from({ length: 12 }, (_, index) => 2000 + index * 5000)
  const given = snapshot(
    [
      [0, 'online'],
      [1000, 'offline: transport close'],
      ...retries.map((at, index) => [at, `attempt ${index + 1} failed: gone`] as const),
      [61_000, 'online'],
    ],
    { outages },
  )

  test('marks that are too near to be told apart are one, and the same one a moment later', () => {
    const now = START + 1000 * 60 * 30
    const items = (at: number, width: number) => {
      const scale = createScale(30 * 60_000, at, width)
      return markItems(marksOf(given, createWitness()), scale)
    }
    const narrow = items(now, 300)
    expect(narrow.filter(({ kind }) => kind === 'retry').length).toBeLessThan(3)
    expect(narrow.flatMap(({ kind, times }) => (kind === 'retry' ? times : []))).toHaveLength(12)
    expect(narrow.find(({ kind }) => kind === 'retry')?.text).toMatch(/^\d+ failed retries, 14:00:02 to /)
    const keys = narrow.filter(({ from }) => from > now - 30 * 60_000 + 1000).map(({ key }) => key)
    expect(items(now + 1000, 300).map(({ key }) => key)).toEqual(expect.arrayContaining(keys))
    expect(items(now, 40_000).filter(({ kind }) => kind === 'retry')).toHaveLength(12)
  })

  test('only what is within it is drawn, and its edge cuts a phase', () => {
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

  test('a sentence says what went wrong in it', () => {
    const now = START + 90_000
    const all = spansOf(given, [], now)
    const marks = marksOf(given, createWitness())
    expect(recap(all, marks, createScale(5 * 60_000, now, 600))).toBe('Last 5 min: 1 loss, 1 min 0 s down.')
    expect(recap(all, marks, createScale(60_000, now + 120_000, 600))).toBe('Last 1 min: nothing went wrong.')
  })

  test('ticks stand at round times, and never too close', () => {
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

  test('times of another day are told with it', () => {
    vi.setSystemTime(START + 86_400_000)
    const now = START + 90_000
    const [span] = spanItems(spansOf(given, [], now), createScale(60_000, now, 600))
    expect(span?.text).toMatch(/^Offline from 21 Nov 14:00:01 to 21 Nov 14:01:01, /)
  })

  test('it is as long as the worker lives, rounded up', () => {
    expect([20_000, 61_000, 40 * 60_000, 20 * 3_600_000, 49 * 3_600_000].map(roundLength)).toEqual(
      [1, 2, 45, 24 * 60, 72 * 60].map((minutes) => minutes * 60_000),
    )
  })
})
