import { beforeEach, expect, test, vi } from 'vitest'
import { type Build, createBuilds } from '../../../../worker/succession/builds'

const START = 1_700_000_000_000
const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  return () => vi.useRealTimers()
})

const build = (name: string, text = 'text'): Build => ({ address: `https://app/${name}.js`, text })
const ONE = build('one')
const TWO = build('two')

/** The builds as the worker of build two sees them, after it took over from build one. */
function afterDeployment() {
  const one = createBuilds(ONE)
  expect(one.judge(TWO, true, true)).toBe('newer')
  return createBuilds(TWO, one.history())
}

test('a build that this browser never saw is newer, and the same build is the same', () => {
  const one = createBuilds(ONE)
  expect(one.judge(TWO, true, true)).toBe('newer')
  expect(one.judge(ONE, true, true)).toBe('same')
})

test('a page of an earlier build loads while pages of the later one are open - it is older', () => {
  expect(afterDeployment().judge(ONE, true, true)).toBe('older')
})

test('no page of the later build is open - the earlier one serves', () => {
  expect(afterDeployment().judge(ONE, false, true)).toBe('newer')
})

test('five pages of an earlier build load in a row - it serves; a page of the later build between them begins the count anew', () => {
  const two = afterDeployment()
  const verdicts = (loads: number) => Array.from({ length: loads }, () => two.judge(ONE, true, true))
  expect(verdicts(4)).toEqual(['older', 'older', 'older', 'older'])
  two.loaded()
  expect(verdicts(5)).toEqual(['older', 'older', 'older', 'older', 'newer'])
})

test('a third build between two of an earlier one - the count begins anew', () => {
  const three = createBuilds(build('three'), afterDeployment().history())
  for (let round = 0; round < 4; round += 1) expect(three.judge(ONE, true, true)).toBe('older')
  expect(three.judge(TWO, true, true)).toBe('older')
  for (let round = 0; round < 4; round += 1) expect(three.judge(ONE, true, true)).toBe('older')
})

test('an earlier build takes over three times within a minute, and no fourth time', () => {
  let { history } = afterDeployment()
  for (let round = 0; round < 3; round += 1) {
    const two = createBuilds(TWO, history())
    expect(two.judge(ONE, false, true)).toBe('newer')
    const one = createBuilds(ONE, two.history())
    // The later build takes over again each time.
    expect(one.judge(TWO, true, true)).toBe('newer')
    history = one.history
  }
  const two = createBuilds(TWO, history())
  expect(two.judge(ONE, false, true)).toBe('too-often')
  vi.setSystemTime(START + MINUTE + 1)
  expect(two.judge(ONE, false, true)).toBe('newer')
})

test('the earlier text is deployed again at the same address - it serves at once', () => {
  const first = createBuilds(build('worker', 'first'))
  expect(first.judge(build('worker', 'second'), true, true)).toBe('newer')
  const second = createBuilds(build('worker', 'second'), first.history())
  expect(second.judge(build('worker', 'first'), true, true)).toBe('newer')
})

test('a worker of the earlier text at the same address asks, and no page was loaded - it is older', () => {
  const first = createBuilds(build('worker', 'first'))
  expect(first.judge(build('worker', 'second'), true, true)).toBe('newer')
  const second = createBuilds(build('worker', 'second'), first.history())
  expect(second.judge(build('worker', 'first'), true, false)).toBe('older')
})

test('an earlier build has returned - a later one serves again once a page of it is loaded', () => {
  const two = afterDeployment()
  expect(two.judge(ONE, false, true)).toBe('newer')
  const one = createBuilds(ONE, two.history())
  expect(one.judge(TWO, true, false)).toBe('older')
  expect(one.judge(TWO, true, true)).toBe('newer')
})

test('a script cannot be read - it is the same as another one at its address, until that is known to be another', () => {
  const unread = { address: ONE.address, text: undefined }
  expect(createBuilds(ONE).judge(unread, true, true)).toBe('same')
  expect(createBuilds(unread).judge(ONE, true, true)).toBe('newer')
})

test('builds that were seen before the browser was closed - the one that was seen first is older', () => {
  const { seen } = afterDeployment().history()
  vi.setSystemTime(START + 1000)
  const one = createBuilds(ONE)
  one.learn(seen)
  expect(one.firstSeenAt()).toBe(START)
  expect(one.judge(TWO, true, true)).toBe('newer')
  const two = createBuilds(TWO)
  two.learn(seen)
  expect(two.judge(ONE, true, true)).toBe('older')
})

test('two builds are seen in the same millisecond - they have an order', () => {
  const [one, two] = afterDeployment().history().seen
  expect(two?.[1]).toBeGreaterThan(one?.[1] as number)
})

test('the last twenty builds are remembered', () => {
  const builds = createBuilds(ONE)
  for (let n = 0; n < 50; n += 1) builds.judge(build(`${n}`), true, true)
  expect(builds.history().seen).toHaveLength(20)
  builds.learn(Array.from({ length: 50 }, (_, n) => [`earlier ${n}`, n]))
  expect(builds.history().seen).toHaveLength(20)
})
