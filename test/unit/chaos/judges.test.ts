import { expect, test } from 'vitest'
import type { Receipt } from '../../chaos/inbox'
import { createInbox } from '../../chaos/inbox'
import { judge } from '../../chaos/judge'
import { judgeAlarms } from '../../chaos/judge-alarms'
import { judgeSends } from '../../chaos/judge-sends'
import type { NewNote, Note } from '../../chaos/marks'

/** Notes of one page, a second apart. */
const notes = (...each: NewNote[]) =>
  each.map((note, index) => ({ page: 'a-1', tab: 'a', at: 1000 * index, place: index, ...note }) as Note)
const receipts = (...ids: string[]) =>
  new Map<string, Receipt>(ids.map((id) => [id, { id, isKept: true, isRefused: false, times: 1 }]))

const wrongSends = (entries: Note[], received: ReadonlyMap<string, Receipt>, signedOutUntil?: number) =>
  judgeSends(entries, received, signedOutUntil === undefined ? [] : [[0, signedOutUntil]], 0, true).wrong

test('messages are judged by what their pages were told, and what the server received', () => {
  const sent: NewNote = { what: 'sent', id: 'm' }
  const settled = (rest: object) => [...notes(sent, { what: 'settled', id: 'm', ...rest })]

  expect(wrongSends(settled({ answer: { yes: 'm' } }), receipts('m'))).toEqual([])
  expect(wrongSends(settled({ answer: { yes: 'n' } }), receipts('m'))).toHaveLength(1)
  expect(wrongSends(settled({ answer: { yes: 'm' } }), receipts())).toHaveLength(1)
  expect(wrongSends(settled({ reason: 'refused', message: 'no m' }), receipts('m'))).toEqual([])
  expect(wrongSends(settled({ reason: 'refused', message: 'no n' }), receipts('m'))).toHaveLength(1)
  expect(wrongSends(settled({ reason: 'not-sent' }), receipts())).toEqual([])
  expect(wrongSends(settled({ reason: 'not-sent' }), receipts('m'))).toHaveLength(1)
  expect(wrongSends(settled({ reason: 'unanswered' }), receipts('m'))).toEqual([])
  expect(wrongSends(settled({ reason: 'worker-died' }), receipts())).toHaveLength(1)
  expect(wrongSends(notes(sent), receipts())).toEqual([])
  expect(wrongSends(notes(sent, { what: 'overdue', id: 'm' }), receipts('m'))).toHaveLength(1)
})

test('a kept message is received, or a tab is told what became of it, or a sign-out deletes it', () => {
  const kept = notes({ what: 'keeping', id: 'm' }, { what: 'kept', id: 'm' })
  const told = (outcome: string) => [...kept, ...notes({ what: 'outcome', id: 'm', outcome })]

  expect(wrongSends(kept, receipts('m'))).toEqual([])
  expect(wrongSends(kept, receipts())).toHaveLength(1)
  expect(wrongSends(kept, receipts(), 900)).toHaveLength(1)
  expect(wrongSends(kept, receipts(), 1100)).toEqual([])
  expect(wrongSends(told('expired'), receipts())).toEqual([])
  expect(wrongSends(told('acknowledged'), receipts())).toHaveLength(1)
  expect(wrongSends(told('refused'), receipts('m'))).toHaveLength(1)
})

test('two tabs keep a message, and one finds no worker - the server may receive it', () => {
  const keeping = notes({ what: 'keeping', id: 'm' })
  const refused = notes({ what: 'settled', id: 'm', reason: 'not-sent' })
  const other = keeping.map((note): Note => ({ ...note, page: 'b-1', tab: 'b' }))

  expect(wrongSends([...keeping, ...refused], receipts('m'))).toHaveLength(1)
  expect(wrongSends([...keeping, ...other, ...refused], receipts('m'))).toEqual([])
})

test('kept messages are received in the order of their promises, where one was kept after the other had resolved', () => {
  const keeping = (id: string): NewNote => ({ what: 'keeping', id })
  const kept = (id: string): NewNote => ({ what: 'kept', id })
  const oneByOne = notes(keeping('m'), kept('m'), keeping('n'), kept('n'))
  expect(wrongSends(oneByOne, receipts('m', 'n'))).toEqual([])
  expect(wrongSends(oneByOne, receipts('n', 'm'))).toHaveLength(1)
  const together = notes(keeping('m'), keeping('n'), kept('m'), kept('n'))
  expect(wrongSends(together, receipts('n', 'm'))).toEqual([])
})

test('a server that drops repeats objects to a message that comes twice without being kept', () => {
  const { take, errors, receipts } = createInbox()
  const answers: object[] = []
  const take2 = (id: string, isKept: boolean) =>
    take({ id, isKept, manner: 'never' }, isKept ? id : undefined, (answer) => answers.push(answer))
  take2('m', true)
  expect(answers).toEqual([])
  take2('m', true)
  expect(answers).toEqual([{ yes: 'm' }])
  expect(errors).toEqual([])
  take2('n', false)
  take2('n', false)
  expect(errors).toHaveLength(1)
  expect([...receipts.keys()]).toEqual(['m', 'n'])
})

test('each alarm is handled once, or announced by a gap, or forgotten by a sign-out', () => {
  const sent = [0, 1000, 2000, 3000]
  const handled = (n: number): Note => ({
    page: 'a-1',
    tab: 'a',
    at: 1000 * n,
    place: n,
    what: 'handled',
    n,
    received: 1000 * n,
  })
  const gap = (from: number, to: number): Note => ({
    page: 'a-1',
    tab: 'a',
    at: 2500,
    place: 0,
    what: 'gap',
    from,
    to,
  })
  const wrong = (entries: Note[], signOuts: [number, number][] = [], failed: [number, number][] = []) =>
    judgeAlarms(entries, sent, signOuts, failed, 0).wrong

  expect(wrong([handled(1), handled(2), handled(3)])).toEqual([])
  expect(wrong([handled(2), handled(3)])).toEqual([])
  expect(wrong([handled(1), handled(1), handled(2), handled(3)])).toHaveLength(1)
  const alone: Note = { page: 'b-1', tab: 'b', at: 500, place: 0, what: 'alone', isAlone: true }
  expect(wrong([alone, handled(1), handled(1), handled(2), handled(3)])).toEqual([])
  expect(wrong([handled(1), handled(3)])).toHaveLength(1)
  expect(wrong([handled(1), handled(2)])).toHaveLength(1)
  expect(wrong([handled(1), gap(1500, 2500), handled(3)])).toEqual([])
  expect(wrong([handled(1), gap(3500, 3600), handled(3)])).toHaveLength(1)
  expect(wrong([handled(1), handled(3)], [[1500, 1600]])).toEqual([])
  expect(wrong([handled(1), handled(3)], [[500, 600]])).toHaveLength(1)
  const again: Note = { ...handled(1), at: 1800 }
  expect(wrong([handled(1), handled(2), again, handled(3)], [[1200, 1300]])).toHaveLength(1)
  expect(wrong([handled(1), handled(2), again, handled(3)], [], [[1200, 1300]])).toEqual([])
  expect(wrong([handled(1), handled(2), again, handled(3)], [], [[1900, 2000]])).toHaveLength(1)
  expect(wrong([])).toHaveLength(1)
})

test('missing events are announced by a gap before the next event that lasts until the last of them', () => {
  const sent = new Map([['errors', [0, 1000, 2000, 3000, 4000]]])
  const event = (n: number, at = 1000 * n) => ({
    ...{ panel: 'errors', room: 'errors', data: { n }, at, replayed: false },
  })
  const gap = (from: number, to: number) => ({ rooms: ['errors'], from, to, cause: 'link' })
  const losses = (...record: Parameters<typeof judge>[1]) => judge('tab', record, sent, 0).losses

  expect(losses(event(1), event(2), event(3))).toEqual([])
  expect(losses(event(1), event(4))).toHaveLength(1)
  expect(losses(event(1), gap(1500, 3500), event(4))).toEqual([])
  expect(losses(event(1), gap(1500, 2500), event(4))).toHaveLength(1)
  expect(losses(event(1), event(4), gap(1500, 3500))).toHaveLength(1)
})
