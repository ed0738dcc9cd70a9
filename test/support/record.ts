import type { Line, LineEvents } from 'partyline'
import type { Dashboard } from './dashboard.worker'

/** Records everything that a line reports. */

export type ReceivedEvent = {
  panel: unknown
  room: string
  name: string
  data: unknown
  at: number
  replayed: boolean
}

/** All but `panels`, which carries no data, and `lead`: whoever listens to it may lead. */
type LoggedName = Exclude<keyof LineEvents, 'panels' | 'lead'>

/** Events and gaps, in the order they came. */
type Received = (ReceivedEvent | LineEvents['gap'])[]

const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]

/** Returns what earlier pages of this tab received, and keeps `received` for the next. `index` is the line's position on the page. */
function recall(received: Received, index: number): Received {
  const key = index === 0 ? 'received' : `received ${index + 1}`
  const past: Received = []
  // Frames share the storage of their page, and a duplicated tab has a copy of it. So each entry is removed once it is read.
  if (window !== top) return past
  if (navigation?.type !== 'navigate') past.push(...JSON.parse(sessionStorage.getItem(key) ?? '[]'))
  const forget = () => sessionStorage.removeItem(key)
  forget()
  addEventListener('pageshow', forget)
  // Stored even when the page goes into the back/forward cache, because it may be dropped from there.
  const store = () => sessionStorage.setItem(key, JSON.stringify([...past, ...received]))
  addEventListener('pagehide', store)
  // Twice, because Firefox may cut off one listener of a page that it leaves.
  addEventListener('pagehide', () => store())
  // Events may come between the two.
  document.addEventListener('freeze', store)
  return past
}

export function createRecord(
  line: Line<Dashboard>,
  panels: readonly (string | readonly string[])[],
  index: number,
) {
  const log: { [Name in LoggedName]: LineEvents[Name][] } = {
    status: [],
    reload: [],
    gap: [],
    denied: [],
    kept: [],
    signout: [],
    error: [],
  }
  const events: ReceivedEvent[] = []
  const times: number[] = []
  const received: Received = []
  const past = recall(received, index)
  const stops: (() => void)[] = []

  for (const name of Object.keys(log) as LoggedName[]) {
    line.on(name, (event) => (log[name] as unknown[]).push(event))
  }
  line.on('gap', (gap) => received.push(gap))
  // A sign-out forgets this tab, so what it received before does not count any more.
  line.on('signout', () => received.push({ signedOut: true } as never))
  function onEvent(event: ReceivedEvent) {
    times.push(Date.now())
    events.push(event)
    received.push(event)
  }
  const subscribe = (panel: unknown) => stops.push(line.subscribe(panel as 'errors', onEvent)) - 1
  for (const panel of panels) subscribe(panel)

  /** Panels that `toggle` or `restore` has added, and how to unsubscribe from each. */
  const toggled = new Map<string, () => void>()
  function add(panel: unknown) {
    const stop = subscribe(panel)
    toggled.set(JSON.stringify(panel), () => stops[stop]?.())
  }
  const isFixed = (panel: unknown) => panels.some((each) => JSON.stringify(each) === JSON.stringify(panel))

  return {
    line,
    log,
    events,
    received,
    /** When each of `events` came. */
    times,
    /** The page's longest wait for an event, in ms, of those that ended after `since`. */
    longestWait: (since: number) =>
      Math.max(...times.map((at, index) => (at < since ? 0 : at - (times[index - 1] ?? since)))),
    /** The same, with what earlier pages of this tab received. */
    receivedByTab: () => [...past, ...received],
    stops,
    subscribe,
    toggle(panel: unknown) {
      const key = JSON.stringify(panel)
      if (isFixed(panel)) return
      const stop = toggled.get(key)
      if (toggled.delete(key)) return stop?.()
      // What the panel received before does not count.
      received.push({ opens: panel } as never)
      add(panel)
    },
    /** Subscribes to the panels that the tab had before its reload. */
    restore: (except: readonly unknown[] = []) =>
      void line.restored.then(
        (restored) => {
          for (const panel of restored) {
            // `toggle` may have been quicker. With two listeners, each event would count twice.
            if (isFixed(panel) || toggled.has(JSON.stringify(panel)) || except.includes(panel)) continue
            add(panel)
          }
        },
        // It rejects if the line is closed first, for example by a sign-out.
        () => {},
      ),
    /** The panels that this page is subscribed to now. */
    panels: () => [...panels, ...[...toggled.keys()].map((key) => JSON.parse(key) as string)],
    ready: () =>
      line.ready.then(
        () => 'ready',
        (error) => ({ reason: error.reason, message: error.message }),
      ),
    data: () => events.map((event) => event.data),
  }
}
