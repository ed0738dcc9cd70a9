import { expect, inject } from 'vitest'

/** Where the engine is slower than Chromium, a test waits longer, also where it says itself how long. What it measures stays as strict. */

declare module 'vitest' {
  interface ProvidedContext {
    readonly slowness: number
  }
}

const poll: typeof expect.poll = expect.poll
expect.poll = (look, { timeout, ...options } = {}) =>
  poll(look, { ...options, ...(timeout !== undefined && { timeout: timeout * inject('slowness') }) })
