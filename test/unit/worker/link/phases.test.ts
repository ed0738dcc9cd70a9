import { expect, test } from 'vitest'
import { type Move, next, type Phase, stateOf } from '../../../../worker/link/phases'

const PHASES: Phase[] = ['idle', 'preparing', 'dialing', 'open', 'waiting', 'refused', 'paused']
const MOVES: Move[] = [
  'start',
  'ready',
  'opened',
  'lost',
  'again',
  'refused',
  'due',
  'pause',
  'resume',
  'stop',
]

test('every phase can be left, and hanging up is possible in every phase but idle and paused', () => {
  for (const phase of PHASES) expect(MOVES.some((move) => next(phase, move) !== undefined)).toBe(true)
  for (const phase of PHASES.slice(1, 6)) {
    expect(next(phase, 'pause')).toBe('paused')
    expect(next(phase, 'stop')).toBe('idle')
  }
})

test('only an attempt can open, and a paused line resumes only by hand', () => {
  expect(PHASES.filter((phase) => next(phase, 'opened'))).toEqual(['dialing'])
  expect(MOVES.filter((move) => next('paused', move))).toEqual(['resume', 'stop'])
})

test('every phase has a public state', () => {
  expect(PHASES.map((phase) => stateOf(phase, false))).toEqual([
    'connecting',
    'connecting',
    'connecting',
    'online',
    'offline',
    'unauthorized',
    'paused',
  ])
  expect(stateOf('dialing', true)).toBe('offline')
})
