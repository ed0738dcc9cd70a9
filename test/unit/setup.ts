import { vi } from 'vitest'

// Tests set their fake time anew, also back. The worker's clock would go on from the test before.
vi.mock('../../worker/clock', async (original) => ({
  ...(await original<typeof import('../../worker/clock')>()),
  now: () => Date.now(),
}))
