/** Who is measured. */
export interface Entry {
  readonly name: string
  readonly label: string
  /** What it stands for, for the report. */
  readonly about: string
  /** Measured in every round and with every number of tabs; the others once, with smaller bursts. */
  readonly isMain: boolean
  /** Whether the pace of its retries can be set, so that restarts can be compared. */
  readonly hasPace: boolean
}

/** Today's way, which the ratios are against. */
export const TODAY = 'socket-per-tab'
export const PARTYLINE = 'partyline'
export const FLOOR = 'floor'

export const CONTENDERS: readonly Entry[] = [
  {
    name: TODAY,
    label: 'a socket per tab',
    about: 'socket.io-client in each tab, as it comes: long polling first, then a WebSocket',
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
    about: 'a raw WebSocket in a SharedWorker, its text handed on unread in windows of 8 ms: the limit',
    isMain: true,
    hasPace: true,
  },
  {
    name: 'broadcast-channel',
    label: 'leader by `broadcast-channel`',
    about: 'an elected tab holds the socket and posts each event to a BroadcastChannel',
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
    about: 'a worker made from a blob in each tab: so each tab has a worker and a socket of its own',
    isMain: false,
    hasPace: false,
  },
]
