import { sizeOf } from './event'
import type { Post } from './post'

/** The most posts a page may have unanswered. It is more than a page acknowledges together. */
const CREDITS = 32
/** The most characters of events a page may have unanswered. */
const CREDIT_SIZE = 1_000_000

/** The posts that a page has not answered yet, oldest first. The page may not have received them. */
export interface Unanswered {
  readonly posts: readonly Post[]
  add(post: Post): void
  /** Removes the newest post, which could not be sent. */
  undo(): void
  /** The page has handled this many posts. */
  answer(count: number): void
  /** Whether the page must answer before it is sent more. */
  isFull(): boolean
}

export function createUnanswered(): Unanswered {
  const posts: Post[] = []
  let size = 0

  function remove(start: number, count: number) {
    for (const { events } of posts.splice(start, count)) size -= sizeOf(events)
  }

  return {
    posts,
    add(post) {
      posts.push(post)
      size += sizeOf(post.events)
    },
    undo: () => remove(-1, 1),
    answer: (count) => remove(0, count),
    isFull: () => posts.length >= CREDITS || size >= CREDIT_SIZE,
  }
}
