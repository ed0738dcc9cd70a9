import { expect, test } from 'vitest'
import { createUnanswered } from '../../../../worker/delivery/unanswered'

const post = (size: number) => ({
  events: [{ id: 1, room: 'errors', name: 'row', at: 1, size, body: { data: 1 } }],
})

test('32 posts are the most, with or without events', () => {
  const unanswered = createUnanswered()
  for (let n = 0; n < 31; n += 1) unanswered.add({ events: [] })
  expect(unanswered.isFull()).toBe(false)
  unanswered.add(post(1))
  expect(unanswered.isFull()).toBe(true)
  unanswered.answer(1)
  expect(unanswered.isFull()).toBe(false)
})

test('a megabyte of events is the most, and an answer frees the oldest post', () => {
  const unanswered = createUnanswered()
  unanswered.add(post(600_000))
  unanswered.add(post(400_000))
  expect(unanswered.isFull()).toBe(true)
  unanswered.answer(1)
  expect(unanswered.posts).toEqual([post(400_000)])
  expect(unanswered.isFull()).toBe(false)
})

test('a post that could not be sent takes no place', () => {
  const unanswered = createUnanswered()
  unanswered.add(post(10))
  unanswered.add(post(1_000_000))
  unanswered.undo()
  expect(unanswered.posts).toEqual([post(10)])
  expect(unanswered.isFull()).toBe(false)
})

test('an answer to more posts than there are empties it', () => {
  const unanswered = createUnanswered()
  unanswered.add(post(1_000_000))
  unanswered.answer(99)
  expect(unanswered.posts).toEqual([])
  expect(unanswered.isFull()).toBe(false)
})
