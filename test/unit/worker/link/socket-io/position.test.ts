import { encode, yeast } from 'socket.io-adapter/dist/contrib/yeast.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPositionReader } from '../../../../../worker/link/socket-io/position'

const NOW = Date.UTC(2026, 10, 25, 12)
const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

/** How the adapters make positions from the server's time. */
const FORMS = {
  'in memory': (time: number) => encode(time),
  'Redis streams': (time: number) => `${time}-0`,
  MongoDB: (time: number) => `${Math.floor(time / 1000).toString(16)}5f60718293a4b5c6`,
}

/** Strings that apps send. */
const WORDS = [
  'degraded',
  'running',
  'Pending',
  'Offline',
  'healthy',
  '12.5.1',
  '42',
  '',
  'ok',
  '1700000000000-0',
  '65a1b2c3d4e5f60718293a4b',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  'ééééééé',
]

const alone = (text: string) => [text]
const behind = (text: string, payload: unknown = {}) => [payload, text]

describe.each(Object.entries(FORMS))('positions as the adapter makes them: %s', (_, position) => {
  test('after a payload and alone, from the first event on', () => {
    for (const args of [behind, alone]) {
      const { read } = createPositionReader()
      for (let n = 0; n < 5; n += 1) {
        const text = position(Date.now())
        expect(read(args(text))).toBe(text)
        vi.advanceTimersByTime(7 * SECOND)
      }
    }
  })

  test('strings of the app are not positions, after a payload or alone', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    for (const word of WORDS) {
      expect(read(alone(word)), `"${word}" alone`).toBeUndefined()
      expect(read(behind(word)), `"${word}" after a payload`).toBeUndefined()
    }
    vi.advanceTimersByTime(SECOND)
    expect(read(alone(position(NOW + SECOND)))).toBeDefined()
  })

  test('a string alone is not the first position, if its time is not today', () => {
    const { read } = createPositionReader()
    for (const word of [...WORDS, position(NOW - 2 * DAY), position(NOW + 2 * DAY)])
      expect(read(alone(word))).toBeUndefined()
  })

  test('a string alone is not a position if its time is before the last position, or in the future', () => {
    const { read } = createPositionReader()
    const first = position(NOW)
    expect(read(behind(first))).toBe(first)
    for (const time of [NOW - 2 * MINUTE, NOW + 2 * MINUTE])
      expect(read(alone(position(time)))).toBeUndefined()
    expect(read(alone(first))).toBeUndefined()
    vi.advanceTimersByTime(2 * MINUTE)
    expect(read(alone(position(NOW + 2 * MINUTE)))).toBeDefined()
  })

  test('a position of an event missed in an outage is older than now, and newer than the last one', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    vi.advanceTimersByTime(10 * DAY)
    for (const time of [NOW + SECOND, NOW + 3 * DAY, NOW + 9 * DAY])
      expect(read(alone(position(time)))).toBeDefined()
  })

  test('the clock of this machine stood still in a sleep', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    // The other clock goes on.
    vi.setSystemTime(NOW + 10 * MINUTE)
    expect(read(alone(position(NOW + 10 * MINUTE)))).toBeDefined()
  })

  test('the clock of this machine is set back - positions go on', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    vi.setSystemTime(NOW - 10 * DAY)
    vi.advanceTimersByTime(5 * MINUTE)
    expect(read(alone(position(NOW + 5 * MINUTE)))).toBeDefined()
  })

  test('the clock of this machine is corrected - strings of the app are still not positions', () => {
    vi.setSystemTime(Date.UTC(1970, 0, 1))
    const { read } = createPositionReader()
    for (let n = 0; n < 3; n += 1) read(behind(position(NOW + n)))
    vi.setSystemTime(NOW)
    for (const word of WORDS) expect(read(alone(word)), word).toBeUndefined()
    expect(read(alone(position(NOW + SECOND)))).toBeDefined()
  })

  test('the clock of the server is set back an hour - a position after a payload is recognized', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    const text = position(NOW - 60 * MINUTE)
    expect(read(behind(text))).toBe(text)
    expect(read(alone(position(NOW - 60 * MINUTE + SECOND)))).toBeDefined()
  })

  test('the clock of the server is set forward an hour - a position after a payload is recognized, and then those alone', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    const hour = 60 * MINUTE
    expect(read(alone(position(NOW + hour)))).toBeUndefined()
    expect(read(behind(position(NOW + hour)))).toBeDefined()
    expect(read(alone(position(NOW + hour + SECOND)))).toBeDefined()
  })

  test('the clock of this machine is wrong by years - positions after payloads are recognized, and from the second on those alone', () => {
    vi.setSystemTime(Date.UTC(1970, 0, 1))
    const { read } = createPositionReader()
    const [first, second, third] = [
      position(NOW),
      position(NOW + SECOND),
      position(NOW + 2 * SECOND),
    ] as const
    expect(read(behind(first))).toBe(first)
    vi.advanceTimersByTime(SECOND)
    expect(read(behind(second))).toBe(second)
    expect(read(behind('degraded'))).toBeUndefined()
    vi.advanceTimersByTime(SECOND)
    expect(read(alone(third))).toBe(third)
    expect(read(alone('degraded'))).toBeUndefined()
  })

  test('a string of the app comes before the first position - positions are still recognized', () => {
    for (const word of WORDS) {
      const { read } = createPositionReader()
      read(behind(word))
      read(behind(word))
      const text = position(NOW)
      expect(read(behind(text)), word).toBe(text)
      expect(read(behind(word)), word).toBeUndefined()
    }
  })

  test('a position of another adapter is not one', () => {
    const { read } = createPositionReader()
    read(behind(position(NOW)))
    for (const other of Object.values(FORMS)) {
      if (other === position) continue
      expect(read(behind(other(NOW + SECOND)))).toBeUndefined()
      expect(read(alone(other(NOW + SECOND)))).toBeUndefined()
    }
  })
})

test('several positions of one ms, made by the adapter’s own code', () => {
  const { read } = createPositionReader()
  const positions = Array.from({ length: 200 }, () => yeast())
  expect(new Set(positions).size).toBe(200)
  expect(positions.some((text) => text.includes('.'))).toBe(true)
  for (const [index, text] of positions.entries()) expect(read((index % 2 ? alone : behind)(text))).toBe(text)
})

test('two nodes number events at once, and one comes after a later one', () => {
  const { read } = createPositionReader()
  for (const text of [`${NOW}-3`, `${NOW}-1`, `${NOW - 40}-0`]) {
    expect(read(behind(text))).toBe(text)
    vi.advanceTimersByTime(1)
  }
  expect(read(alone(`${NOW - 30}-0`))).toBe(`${NOW - 30}-0`)
})

test('an unknown adapter - a string after a payload is a position, one alone is a payload', () => {
  const { read } = createPositionReader()
  for (const text of ['node-1:17', 'node-1:18', 'node-2:3']) {
    expect(read(behind(text))).toBe(text)
    expect(read(alone(text))).toBeUndefined()
  }
})

test('no arguments, and arguments that do not end with a string', () => {
  const { read } = createPositionReader()
  for (const args of [[], [1], [{}, null], [{}, ['x']]]) expect(read(args)).toBeUndefined()
})
