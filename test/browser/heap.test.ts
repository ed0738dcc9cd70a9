import { expect } from 'vitest'
import { isLive, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 100 }
/** How many bytes may be added in the first half, for compiled code and the recorder, which fills up. A build with coverage needs twice as much. */
const WARMTH = 1_000_000
/** How many bytes may be added in the second half, when all of that is allocated: 40 for each subscribe, 400 for each tab. */
const SLACK = 200_000

test('10,000 subscribes and unsubscribes - the memory of tab and worker does not grow', async ({ bench }) => {
  bench.needs('heap sizes')
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const cycles = (from: number, to: number) =>
    tab.run(
      async ({ line }, first, last) => {
        for (let n = first; n < last; n += 1) {
          const stop = line.subscribe(['workflow', String(n % 500)], () => {})
          if (n % 10 === 0) await line.inspect()
          stop()
          if (n % 10 === 5) await line.inspect()
        }
      },
      from,
      to,
    )
  // A room is left only a moment after its last unsubscribe.
  const heap = async () => {
    await expect.poll(async () => (await tab.run(({ line }) => line.inspect())).rooms.length).toBe(2)
    return tab.heap()
  }
  await cycles(0, 1000)
  const before = await heap()
  await cycles(1000, 6000)
  const halfway = await heap()
  await cycles(6000, 11_000)
  const after = await heap()
  console.log(`10,000 subscribes: ${JSON.stringify({ before, halfway, after })}`)
  for (const side of ['page', 'worker'] as const) {
    expect(halfway[side] - before[side]).toBeLessThan(WARMTH)
    expect(after[side] - halfway[side]).toBeLessThan(SLACK)
  }
  expect((await tab.run(({ line }) => line.inspect())).tabs[0]?.panels).toEqual([['errors']])
})

test('1,000 tabs come and go - the memory of the worker does not grow', async ({ bench }) => {
  bench.needs('heap sizes')
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const visits = (from: number, to: number) =>
    tab.run(
      async ({ line }, first, last) => {
        const { worker } = await line.inspect()
        const { worker: address } = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}')
        const options = { name: worker, type: 'module', extendedLifetime: true } as WorkerOptions
        for (let n = first; n < last; n += 1) {
          const { port } = new SharedWorker(address, options)
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => port1.postMessage({ type: 'took' })
          const call = (path: string, values: unknown[], transfer: Transferable[] = []) =>
            new Promise((resolve) => {
              port.onmessage = resolve
              const argumentList = values.map((value) => ({ type: 'RAW', value }))
              port.postMessage({ id: path, type: 'APPLY', path: [path], argumentList }, transfer)
            })
          await call('hello', [{ protocol: 1, worker, tab: `visitor ${n}` }, port2], [port2])
          await call('subscribe', [['workflow', '1']])
          await call('leave', [])
          port.close()
          port1.close()
        }
      },
      from,
      to,
    )
  await visits(0, 100)
  const before = await tab.heap()
  await visits(100, 600)
  const halfway = await tab.heap()
  await visits(600, 1100)
  const after = await tab.heap()
  console.log(`1,000 tabs: ${JSON.stringify({ before, halfway, after })}`)
  expect(halfway.worker - before.worker).toBeLessThan(WARMTH)
  expect(after.worker - halfway.worker).toBeLessThan(SLACK)
  expect((await tab.run(({ line }) => line.inspect())).tabs).toHaveLength(1)
})
