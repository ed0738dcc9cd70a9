import { expect, test, vi } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import { createLine, type LineParts } from '../../../../src/line/create-line'
import { createWorkerClock } from '../../../../src/tab/worker-clock'

/** A line whose worker is the test. */
function setUp() {
  const fails: (() => void)[] = []
  const calls: string[] = []
  const register = vi.fn()
  const call = (name: string, ref: readonly string[]) => {
    calls.push(`${name} ${ref}`)
    return new Promise((_, reject) => {
      fails.push(() => reject(new PartylineError('unregistered', '')))
    })
  }
  const core = createLine({
    host: { call, register, post() {} },
    clock: createWorkerClock(),
    handled: { marks: () => [] },
    reloadOrders: { keep() {} },
    seen: { add() {} },
  } as unknown as LineParts)
  return { core, line: core.line, fails, register, take: () => calls.splice(0) }
}

test('a page says hello again - what it subscribes to meanwhile is told to the worker once, with all other panels', async () => {
  const { core, line, take } = setUp()
  line.subscribe('errors', () => {})
  core.up('first')
  await expect.poll(take).toEqual(['subscribe errors'])
  core.greeting()
  line.subscribe('tmux', () => {})
  await Promise.resolve()
  expect(take()).toEqual([])
  core.up('second')
  expect(take()).toEqual(['subscribe errors', 'subscribe tmux'])
})

test('a worker does not know the page, which has many panels - it says hello once', async () => {
  const { core, line, fails, register } = setUp()
  for (const panel of ['errors', 'tmux', 'overview']) line.subscribe(panel, () => {})
  register.mockImplementation(core.greeting)
  core.up('first')
  await expect.poll(() => fails).toHaveLength(3)
  for (const fail of fails) fail()
  await new Promise((done) => setTimeout(done))
  expect(register).toHaveBeenCalledOnce()
})

test('a page gives up a panel while its hello is answered - the worker is told', async () => {
  const { core, line, take } = setUp()
  const stop = line.subscribe('errors', () => {})
  core.up('first')
  await expect.poll(take).toEqual(['subscribe errors'])
  core.greeting()
  stop()
  await expect.poll(take).toEqual(['unsubscribe errors'])
})
