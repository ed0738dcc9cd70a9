import { expect, test } from 'vitest'
import { backoff, steady } from '../../../../worker/link/retry'
import { arrivals, SLOT, seeded } from '../../../support/fleet'

const ROUNDS = 5
/** Fleets of 1,000 browsers, added up: what is left is the shape of the policy, and not the luck of one fleet. */
const FLEETS = 1000
const BROWSERS = 1000 * FLEETS

const random = seeded(1)

test.each([
  ['the default', () => steady({}, random), (round: number) => 1000 + 2000 * (round - 1)],
  ['backoff', () => backoff({}, random), (round: number) => 1000 * (2 ** round - 1)],
])(
  'fleets of 1,000 browsers lose their server at once - %s - no slot of a round gets twice its mean',
  (_, policy, window) => {
    for (const [index, slots] of arrivals(BROWSERS, ROUNDS, policy).entries()) {
      const mean = (BROWSERS * SLOT) / window(index + 1)
      expect(Math.max(...slots.values()) / mean).toBeLessThanOrEqual(2)
    }
  },
)
