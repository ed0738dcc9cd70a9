import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTurns } from '../../../../worker/link/turns'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const turns = createTurns()
  const went: string[] = []
  const people = new Map<string, object>()
  const person = (name: string) => {
    const known = people.get(name) ?? { name }
    people.set(name, known)
    return known
  }
  return {
    take: (name: string) => void turns.take(person(name)).then(() => went.push(name)),
    end: (name: string) => turns.end(person(name)),
    async went() {
      await Promise.resolve()
      return went.splice(0)
    },
  }
}

test('one at a time, in the order in which they asked', async () => {
  const { take, end, went } = setUp()
  take('a')
  take('b')
  take('c')
  expect(await went()).toEqual(['a'])
  end('a')
  expect(await went()).toEqual(['b'])
  end('b')
  expect(await went()).toEqual(['c'])
  end('c')
  take('d')
  expect(await went()).toEqual(['d'])
})

test('one that waits gives up - the others keep their order', async () => {
  const { take, end, went } = setUp()
  take('a')
  take('b')
  take('c')
  end('b')
  expect(await went()).toEqual(['a'])
  end('a')
  expect(await went()).toEqual(['c'])
})

test('one that has the turn asks again - those that wait come first', async () => {
  const { take, end, went } = setUp()
  take('a')
  take('b')
  expect(await went()).toEqual(['a'])
  take('a')
  expect(await went()).toEqual(['b'])
  end('b')
  expect(await went()).toEqual(['a'])
  take('a')
  expect(await went()).toEqual(['a'])
})

test('one that never asked ends nothing', async () => {
  const { take, end, went } = setUp()
  take('a')
  take('b')
  end('stranger')
  expect(await went()).toEqual(['a'])
})

test('one keeps its turn for two seconds - the next one goes, and no timer is left in the end', async () => {
  const { take, end, went } = setUp()
  take('a')
  take('b')
  await went()
  vi.advanceTimersByTime(1999)
  expect(await went()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(await went()).toEqual(['b'])
  end('a')
  end('b')
  expect(vi.getTimerCount()).toBe(0)
})
