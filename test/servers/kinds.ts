import type { WorkerFile } from '../support/setup'
import type { ServerName } from './programs'

/** What a kind of server may guarantee: the rows of the matrix. */
export type Guarantee =
  | 'one connection for all tabs'
  | 'rooms after a reload and after the end of the worker'
  | 'exactly the rooms of the current panels after a reconnect'
  | 'keepalives never reach a tab'
  | 'reload by broadcast'
  | 'reload by version'
  | 'a fresh token for each handshake'
  | 'a token that expires: one refresh, nothing twice'
  | 'refused before accept'
  | 'refused after accept'
  | 'a half-open connection is noticed'
  | 'gaps are announced'
  | 'recovered without a gap'
  | 'sign-out'
  | 'a message is answered, refused, or told as unanswered'
  | 'the server dies: a message that has left is told as unanswered, and a later one as not sent'
  | 'a kept message arrives after an outage, once and in order'

/** A kind of server, with the worker file of a user: a column of the matrix. */
export interface ServerKind {
  readonly name: string
  readonly server: ServerName
  readonly file: WorkerFile
  /** Each room has a connection of its own. */
  readonly isPerRoom?: boolean
  /** The server sends keepalives by itself, often enough for the defaults of the entry. */
  readonly hasOwnKeepalives?: boolean
  /** A refusal before accept is found by the option `probe`. */
  readonly isProbed?: boolean
  /** A change of rooms opens a new stream, and what may be missed meanwhile is a gap. */
  readonly isReopened?: boolean
  /** The server answers no message of a page. */
  readonly isUnanswered?: boolean
  /** The server sends again what was missed, where it is asked. */
  readonly canResume?: boolean
  /** Why a guarantee cannot be had. */
  readonly reasons?: Notes
  /** By what a guarantee is had, where it takes more than the defaults. */
  readonly remarks?: Notes
}

type Notes = Partial<Readonly<Record<Guarantee, string>>>

const REFUSED_AT_HANDSHAKE =
  'Socket.IO refuses users in the handshake. One that is disconnected later is dialled again, and refused there.'
const UNANSWERED = 'Action Cable answers no message: `line.send` resolves once it has left.'
const ONE_WAY = 'A stream goes one way: pages send by requests of their own.'
const BY_KEEPALIVE = { 'a half-open connection is noticed': 'By the option `keepalive`.' }
const BY_ID = {
  'a kept message arrives after an outage, once and in order':
    'Once, because the server drops messages whose id it knows.',
}
const BY_PROBE = { 'refused before accept': 'By the option `probe`.' }

export const KINDS: readonly ServerKind[] = [
  {
    name: 'Socket.IO',
    server: 'Socket.IO',
    file: '../servers/socket-io',
    reasons: { 'refused after accept': REFUSED_AT_HANDSHAKE },
    remarks: { ...BY_KEEPALIVE, ...BY_ID, 'recovered without a gap': 'By connection state recovery.' },
  },
  {
    name: 'Flask-SocketIO',
    server: 'Flask-SocketIO',
    file: '../servers/socket-io',
    reasons: {
      'refused after accept': REFUSED_AT_HANDSHAKE,
      'recovered without a gap': 'Flask-SocketIO has no connection state recovery: each loss is a gap.',
    },
    remarks: { ...BY_KEEPALIVE, ...BY_ID },
  },
  {
    name: 'FastAPI, an endpoint per room',
    server: 'FastAPI',
    file: '../servers/endpoint-per-room',
    isPerRoom: true,
    reasons: {
      'recovered without a gap':
        "A room's own endpoint is sent nothing, so it cannot be asked: each loss is a gap.",
    },
    remarks: { ...BY_KEEPALIVE, ...BY_PROBE, ...BY_ID, 'one connection for all tabs': 'One for each room.' },
  },
  {
    name: 'FastAPI, one WebSocket',
    server: 'FastAPI',
    file: '../servers/one-socket',
    isProbed: true,
    canResume: true,
    remarks: {
      ...BY_KEEPALIVE,
      ...BY_PROBE,
      ...BY_ID,
      'recovered without a gap':
        'By `position` and `resume` in the dialect, and a server that keeps its last events.',
    },
  },
  {
    name: 'Django Channels',
    server: 'Django Channels',
    file: '../servers/one-socket',
    isProbed: true,
    reasons: {
      'recovered without a gap':
        'Channels keeps no events: each loss is a gap. A consumer that keeps them can do as the one on FastAPI.',
    },
    remarks: { ...BY_KEEPALIVE, ...BY_PROBE, ...BY_ID },
  },
  {
    name: 'Action Cable',
    server: 'Action Cable',
    file: '../servers/action-cable',
    isProbed: true,
    hasOwnKeepalives: true,
    isUnanswered: true,
    reasons: {
      'recovered without a gap':
        'Rails keeps no events: each loss is a gap. AnyCable does, by `actioncable-v1-ext-json`.',
      'a message is answered, refused, or told as unanswered': UNANSWERED,
      'a kept message arrives after an outage, once and in order': UNANSWERED,
    },
    remarks: {
      ...BY_PROBE,
      'the server dies: a message that has left is told as unanswered, and a later one as not sent':
        UNANSWERED,
    },
  },
  {
    name: 'server-sent events',
    server: 'FastAPI',
    file: '../servers/sse',
    isReopened: true,
    canResume: true,
    reasons: {
      'refused after accept': 'A stream has no close codes. A server that ends one refuses the next request.',
      'a message is answered, refused, or told as unanswered': ONE_WAY,
      'the server dies: a message that has left is told as unanswered, and a later one as not sent': ONE_WAY,
      'a kept message arrives after an outage, once and in order': ONE_WAY,
    },
    remarks: {
      ...BY_KEEPALIVE,
      'one connection for all tabs':
        'A change of rooms opens a new stream. What may be missed meanwhile is a gap, or is sent again with `resumes`.',
      'recovered without a gap': 'By the option `resumes`, and a server that keeps its last events.',
    },
  },
]
