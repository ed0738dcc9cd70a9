import { expect, test } from 'vitest'
import type { ToTab } from '../../../../shared/wire'
import { createGroup } from '../../../../worker/relay/group'
import type { Batch, Reply, Request } from '../../../../worker/relay/inbox'

/** Events for the pages of other workers: which are sent to each, and which once for all. */

const events = (text: string): ToTab => ({ type: 'events', events: text })

function groupOf(...workers: string[]) {
  const sent: (readonly [to: string, message: Request | Reply] | Batch)[] = []
  const group = createGroup(
    {
      send: (to, message) => void sent.push([to, structuredClone(message)]),
      sendAll: (batch) => void sent.push(structuredClone(batch)),
    },
    () => workers,
  )
  return { sent, ...group }
}

const alone = (worker: string, [page, hello]: readonly [number, number], message: ToTab) => [
  worker,
  { type: 'message', page, hello, message },
]

test('three tabs get the same events - they are sent once, after the task', async () => {
  const { post, sent } = groupOf('a', 'b', 'c')
  post('a', [1, 1], events('[1]'))
  post('b', [1, 4], events('[1]'))
  post('c', [7, 2], events('[1]'))
  expect(sent).toEqual([])
  await null
  expect(sent).toEqual([
    {
      events: '[1]',
      to: new Map([
        ['a', [[1, 1]]],
        ['b', [[1, 4]]],
        ['c', [[7, 2]]],
      ]),
    },
  ])
})

test('one tab alone gets events - they go to its worker, as any message', async () => {
  const { post, sent } = groupOf('a')
  post('a', [1, 1], events('[1]'))
  await null
  expect(sent).toEqual([alone('a', [1, 1], events('[1]'))])
})

test('most tabs do not want the events - they go to those that do', async () => {
  const { post, sent } = groupOf('a', 'b', 'c', 'd', 'e')
  for (const worker of ['a', 'b']) post(worker, [1, 1], events('[1]'))
  await null
  expect(sent).toEqual(['a', 'b'].map((worker) => alone(worker, [1, 1], events('[1]'))))
})

test('two pages of one worker get the same events, and nobody else - they go to its worker', async () => {
  const { post, sent } = groupOf('a')
  for (const page of [1, 2]) post('a', [page, 1], events('[1]'))
  await null
  expect(sent).toEqual([1, 2].map((page) => alone('a', [page, 1], events('[1]'))))
})

test('tabs get other events, or something else - everything is sent in the order of the posts', async () => {
  const { post, sent } = groupOf('a', 'b')
  for (const worker of ['a', 'b']) post(worker, [1, 1], events('[1]'))
  for (const worker of ['a', 'b']) post(worker, [1, 1], events('[2]'))
  post('b', [1, 1], { type: 'beat' })
  for (const worker of ['a', 'b']) post(worker, [1, 1], events('[3]'))
  await null
  const both = (text: string) => ({
    events: text,
    to: new Map(['a', 'b'].map((worker) => [worker, [[1, 1]]])),
  })
  expect(sent).toEqual([both('[1]'), both('[2]'), alone('b', [1, 1], { type: 'beat' }), both('[3]')])
})

test('the same events are posted in the next task - they are sent again', async () => {
  const { post, sent } = groupOf('a', 'b')
  for (let task = 0; task < 2; task += 1) {
    for (const worker of ['a', 'b']) post(worker, [1, 1], events('[]'))
    await null
  }
  expect(sent).toHaveLength(2)
})

test('a message cannot be copied - it is not sent, and whoever posts it learns so at once', async () => {
  const { post, sent } = groupOf('a', 'b')
  const data = () => {}
  expect(() => post('a', [1, 1], { type: 'events', events: [[1, 'room', 'name', 1, data]] })).toThrow(
    DOMException,
  )
  await null
  expect(sent).toEqual([])
})

test('a worker receives a million characters in vain, and is not heard - nothing is sent to all until it is, or has ended', async () => {
  const { post, heard, sent } = groupOf('a', 'b', 'frozen')
  const text = JSON.stringify(['x'.repeat(300_000)])
  async function sentToAll() {
    for (const worker of ['a', 'b']) post(worker, [1, 1], events(text))
    await null
    return sent.splice(0).some((each) => 'to' in each)
  }
  const outcomes = []
  for (let n = 0; n < 5; n += 1) outcomes.push(await sentToAll())
  heard('a')
  outcomes.push(await sentToAll())
  heard('frozen')
  outcomes.push(await sentToAll())
  expect(outcomes).toEqual([true, true, true, false, false, false, true])
})
