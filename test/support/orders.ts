import { readCoverage } from './counters'
import { breakDatabase, type DatabaseState, openDatabase } from './database'

/** What tests can do to a worker: change its clock, break its database, and send it orders. Tests get its console and its coverage. */

export interface Order {
  readonly database?: DatabaseState
  readonly misread?: keyof typeof NONSENSE
  /** By how many ms to change the clock. */
  readonly clock?: number
  /** For how many ms to hang in the middle of a write to a database. */
  readonly write?: { readonly database: string; readonly ms: number }
}

function hang(ms: number) {
  const until = Date.now() + ms
  while (Date.now() < until);
}

/** Others cannot read the database meanwhile. */
async function hangInWrite({ database, ms }: NonNullable<Order['write']>) {
  const handle = await openDatabase(database)
  handle.transaction('tabs', 'readwrite').objectStore('tabs').get('').onsuccess = () => hang(ms)
}

/** A part of the dialect that throws. */
export function fail(): never {
  throw new Error('oops')
}

/** The room that a message of a page names, over which it is sent. */
export const roomIn = (_: string, payload: unknown) => (payload as { room: string }).room

/** What a wrong part of a dialect does. */
export const NONSENSE = {
  throws: fail,
  'returns nothing': () => undefined,
  'returns no name': (payload: unknown) => ({ name: undefined, data: payload }),
  'returns a function as data': () => ({ name: 'odd', data: () => {} }),
  'returns more than it should': () => ({
    name: 'odd',
    data: { n: 2 },
    kind: 'reload',
    rooms: [],
    order: {},
  }),
}

/** How the dialect reads the next event wrongly. */
let misreading: keyof typeof NONSENSE | undefined

type ReadEvent = (name: string, payload: unknown) => { readonly name: string; readonly data: unknown }

/** Reads events as the dialect does, except for one that a test has ordered to be misread. */
export const misreadable =
  (read: ReadEvent): ReadEvent =>
  (name, payload) => {
    const how = misreading
    misreading = undefined
    return how === undefined ? read(name, payload) : (NONSENSE[how](payload) as never)
  }

const query = new URL(location.href).searchParams

/** By how many ms the clock was changed. A `clock` in the address is the change before this worker started. */
let shift = Number(query.get('clock') ?? 0)

/** Makes the clock one that tests can change. `clockUrl` is the address that says by how many ms it was changed before. */
function setClock(clockUrl: string | undefined) {
  const wall = Date.now
  Date.now = () => wall() + shift
  if (clockUrl === undefined) return
  // A blocking request, because the clock must be right before anything reads it.
  const request = new XMLHttpRequest()
  request.open('GET', clockUrl, false)
  request.send()
  shift += Number(request.responseText)
}

/** Only the worker can read its coverage. Pages find it by its lock, and request the coverage. */
function reportCoverage() {
  const coverage = `coverage ${query.get('test')}`
  new BroadcastChannel(coverage).onmessage = ({ target, data }) => {
    if (data === 'read') (target as BroadcastChannel).postMessage(readCoverage())
  }
  void navigator.locks?.request(coverage, { mode: 'shared' }, () => new Promise(() => {}))
}

/** The name of the tab whose page has made this worker. Only a dedicated worker is told. */
let tab: string | undefined

/** Tests find the dedicated worker of a tab by the lock that it holds. */
function learnTab() {
  addEventListener('message', ({ data }: MessageEvent) => {
    if (typeof data !== 'string') return
    tab = data
    void navigator.locks?.request(`tab ${query.get('test')} ${tab}`, () => new Promise(() => {}))
  })
}

/** Tells the page of a dedicated worker whether the worker has the connection, on the port that comes with the question. */
function answerPage(serves: () => boolean) {
  addEventListener('message', (event) => {
    if (event.data !== 'serves') return
    event.stopImmediatePropagation()
    event.ports[0]?.postMessage({ serves: serves() })
  })
}

/** To be called at the top of a worker file, before `serve`. */
export function takeOrders(clockUrl?: string, serves?: () => boolean): void {
  setClock(clockUrl)
  if (serves) answerPage(serves)
  reportCoverage()
  learnTab()
  const orders = new BroadcastChannel(`worker ${query.get('test')}`)

  // Sends what the worker writes to its console to the test.
  for (const level of ['warn', 'error'] as const) {
    const say = console[level]
    console[level] = (...words: unknown[]) => {
      orders.postMessage({ consoleMessage: words.map(String).join(' ') })
      say(...words)
    }
  }

  function obey(order: Order) {
    if (order.database) breakDatabase(order.database)
    if (order.misread) misreading = order.misread
    if (order.clock) shift += order.clock
    if (order.write) void hangInWrite(order.write)
    // Other workers get this, too.
    if (order.database ?? order.clock) orders.postMessage({ obeyed: JSON.stringify(order) })
  }

  // One with a `build` or a `tab` is for its worker alone.
  orders.onmessage = ({ data: message }) => {
    if (message.build !== undefined && message.build !== query.get('build')) return
    if (message.tab !== undefined && message.tab !== tab) return
    const order: Order | string | number = message.order ?? message
    if (order === 'die') close()
    // Ten times, for longer than a page waits before it assumes that a worker did not start.
    if (order === 'throw') for (let n = 0; n < 10; n += 1) setTimeout(fail, 50 * n)
    if (order === 'delete database') {
      void indexedDB.databases().then((all) => {
        for (const { name } of all) if (name?.startsWith(self.name)) indexedDB.deleteDatabase(name)
      })
    }
    if (typeof order === 'number') hang(order)
    if (typeof order === 'object') obey(order)
  }
}
