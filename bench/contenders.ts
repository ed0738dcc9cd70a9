/** A way of connecting tabs that is measured. */
export interface Entry {
  readonly name: string
  readonly label: string
  /** Its description in the report. */
  readonly about: string
  /** Main contenders are measured in every round and with every number of tabs, the others once. */
  readonly isMain: boolean
  /** Whether its retry delay can be set, so that restarts can be compared. */
  readonly hasPace: boolean
}

/** What apps do today. Ratios are relative to it. */
export const TODAY = 'socket-per-tab'
export const PARTYLINE = 'partyline'
export const FLOOR = 'floor'
/** The same without Socket.IO. */
export const RAW_TODAY = 'raw-per-tab'
export const OVER_WEBSOCKET = 'partyline-websocket'
/** One tab's worker has the connection, as where there is no SharedWorker. */
export const DEDICATED = 'partyline-dedicated'
/** One tab has the connection, elected by a library. */
export const ELECTED = ['broadcast-channel', 'tab-election'] as const

export const CONTENDERS: readonly Entry[] = [
  {
    name: TODAY,
    label: 'a socket per tab',
    about: 'socket.io-client in each tab, with its defaults: long polling first, then a WebSocket',
    isMain: true,
    hasPace: true,
  },
  {
    name: 'websocket-per-tab',
    label: 'a socket per tab, WebSocket only',
    about: "the same with `transports: ['websocket']`",
    isMain: false,
    hasPace: true,
  },
  {
    name: 'naive-comlink',
    label: 'naive Comlink',
    about: 'a SharedWorker with socket.io-client, and a proxied callback per event and tab',
    isMain: false,
    hasPace: true,
  },
  { name: PARTYLINE, label: 'Partyline', about: 'this library', isMain: true, hasPace: true },
  {
    name: FLOOR,
    label: 'the raw floor',
    about: 'a raw WebSocket in a SharedWorker, which forwards its text unparsed every 8 ms: the limit',
    isMain: true,
    hasPace: true,
  },
  {
    name: OVER_WEBSOCKET,
    label: 'Partyline, plain WebSocket',
    about: 'this library on a plain WebSocket server, with `partyline/worker/websocket`',
    isMain: false,
    hasPace: true,
  },
  {
    name: RAW_TODAY,
    label: 'a plain WebSocket per tab',
    about: 'a raw WebSocket in each tab, which parses its messages',
    isMain: false,
    hasPace: true,
  },
  {
    name: DEDICATED,
    label: 'Partyline, no SharedWorker',
    about: 'this library with a dedicated worker per tab, of which one has the connection',
    isMain: false,
    hasPace: true,
  },
  {
    name: 'broadcast-channel',
    label: 'leader by `broadcast-channel`',
    about: 'an elected tab has the socket and posts each event to a BroadcastChannel',
    isMain: false,
    hasPace: true,
  },
  {
    name: 'tab-election',
    label: 'leader by `tab-election`',
    about: 'the same, elected by Web Locks',
    isMain: false,
    hasPace: true,
  },
  {
    name: 'shared-webworker',
    label: '`socketio-shared-webworker`',
    about: 'each tab makes a worker from a blob, so each tab has its own worker and socket',
    isMain: false,
    hasPace: false,
  },
]
