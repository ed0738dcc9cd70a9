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
  /** The server recovers what was missed. */
  readonly recovers?: 'by itself' | 'by `resumes`'
  /** Why a guarantee is not tested. */
  readonly reasons: Partial<Readonly<Record<Guarantee, string>>>
}

const NO_HISTORY = 'the server keeps no history: each loss is a gap'
const REFUSED_AT_HANDSHAKE =
  'Socket.IO refuses users in the handshake; one that is disconnected later is dialled again, and refused there'

export const KINDS: readonly ServerKind[] = [
  {
    name: 'Socket.IO',
    server: 'Socket.IO',
    file: '../servers/socket-io',
    recovers: 'by itself',
    reasons: { 'refused after accept': REFUSED_AT_HANDSHAKE },
  },
  {
    name: 'Flask-SocketIO',
    server: 'Flask-SocketIO',
    file: '../servers/socket-io',
    reasons: {
      'refused after accept': REFUSED_AT_HANDSHAKE,
      'recovered without a gap': 'Flask-SocketIO has no connection state recovery: each loss is a gap',
    },
  },
  {
    name: 'FastAPI, an endpoint per room',
    server: 'FastAPI',
    file: '../servers/endpoint-per-room',
    isPerRoom: true,
    reasons: {
      'recovered without a gap':
        'the endpoint of a room is sent nothing, so it cannot be asked: each loss is a gap',
    },
  },
  {
    name: 'FastAPI, one WebSocket',
    server: 'FastAPI',
    file: '../servers/one-socket',
    isProbed: true,
    recovers: 'by `resumes`',
    reasons: {},
  },
  {
    name: 'Django Channels',
    server: 'Django Channels',
    file: '../servers/one-socket',
    isProbed: true,
    reasons: { 'recovered without a gap': NO_HISTORY },
  },
  {
    name: 'Action Cable',
    server: 'Action Cable',
    file: '../servers/action-cable',
    isProbed: true,
    hasOwnKeepalives: true,
    reasons: {
      'recovered without a gap':
        'Rails keeps no history: each loss is a gap. AnyCable does, by `actioncable-v1-ext-json`',
    },
  },
  {
    name: 'server-sent events',
    server: 'FastAPI',
    file: '../servers/sse',
    recovers: 'by `resumes`',
    reasons: {
      'refused after accept': 'a stream has no close codes: a server that ends one refuses the next request',
    },
  },
]
