import type { State } from '../../shared/status'

/**
 * ```
 *   idle ─start→ preparing ─ready→ dialing ─opened→ open
 *                 ↑    ↑ ↑             │ lost          │ lost
 *              due│    │ └──again──────┤               │
 *                 │    │due            ↓               │
 *           refused    └──────────── waiting ←─────────┘
 * ```
 * From `preparing`, `dialing` and `open`: `again` → preparing, `refused` → refused. From everywhere: `pause` → paused, `stop` → idle.
 */
export type Phase = 'idle' | 'preparing' | 'dialing' | 'open' | 'waiting' | 'refused' | 'paused'
export type Move =
  | 'start'
  | 'ready'
  | 'opened'
  | 'lost'
  | 'again'
  | 'refused'
  | 'due'
  | 'pause'
  | 'resume'
  | 'stop'

/** The states of a connection. Only a page's line can be `closed`. */
export type ConnectionState = Exclude<State, 'closed'>

const END = { pause: 'paused', stop: 'idle' } as const
const MOVES: Readonly<Record<Phase, Partial<Readonly<Record<Move, Phase>>>>> = {
  idle: { start: 'preparing', pause: 'paused' },
  preparing: { ready: 'dialing', lost: 'waiting', again: 'preparing', refused: 'refused', ...END },
  dialing: { opened: 'open', lost: 'waiting', again: 'preparing', refused: 'refused', ...END },
  open: { lost: 'waiting', again: 'preparing', refused: 'refused', ...END },
  waiting: { due: 'preparing', ...END },
  refused: { due: 'preparing', ...END },
  paused: { resume: 'preparing', stop: 'idle' },
}

/** Where a move leads; `undefined` where it is not legal, and nothing happens. */
export const next = (phase: Phase, move: Move): Phase | undefined => MOVES[phase][move]

const STATES: Partial<Record<Phase, ConnectionState>> = {
  open: 'online',
  waiting: 'offline',
  refused: 'unauthorized',
  paused: 'paused',
}

/** The public state for a phase. `isFailing`: an attempt has failed since the link was last up. */
export const stateOf = (phase: Phase, isFailing: boolean): ConnectionState =>
  STATES[phase] ?? (isFailing ? 'offline' : 'connecting')
