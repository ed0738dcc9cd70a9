import type { Line, LineEvents } from 'partyline'
import type { Dashboard } from './dashboard.worker'

/** A line, and all it hears, written down. */

export type Heard = {
  panel: unknown
  room: string
  name: string
  data: unknown
  at: number
  replayed: boolean
}

/** All but `panels`, which says only that it is time to look. */
type Told = Exclude<keyof LineEvents, 'panels'>

/** Events and gaps, in the order they came. */
type Story = (Heard | LineEvents['gap'])[]

const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]

/** The story of this tab's earlier pages; `index` says which line of the page it is. */
function recall(story: Story, index: number): Story {
  const key = index === 0 ? 'story' : `story ${index + 1}`
  const past: Story = []
  // Frames share the storage of their page, and a duplicated tab has a copy of the original's: what was found is removed.
  if (window !== top) return past
  if (navigation?.type !== 'navigate') past.push(...JSON.parse(sessionStorage.getItem(key) ?? '[]'))
  const forget = () => sessionStorage.removeItem(key)
  forget()
  addEventListener('pageshow', forget)
  // A page that goes into the back/forward cache may be thrown out of it.
  addEventListener('pagehide', () => sessionStorage.setItem(key, JSON.stringify([...past, ...story])))
  return past
}

export function createRecord(
  line: Line<Dashboard>,
  panels: readonly (string | readonly string[])[],
  index: number,
) {
  const log: { [Name in Told]: LineEvents[Name][] } = {
    status: [],
    reload: [],
    gap: [],
    denied: [],
    signout: [],
    error: [],
  }
  const events: Heard[] = []
  const story: Story = []
  const past = recall(story, index)
  const stops: (() => void)[] = []

  for (const name of Object.keys(log) as Told[]) {
    line.on(name, (event) => (log[name] as unknown[]).push(event))
  }
  line.on('gap', (gap) => story.push(gap))
  // What was kept for this tab is forgotten: what it had does not count any more.
  line.on('signout', () => story.push({ signedOut: true } as never))
  function hear(event: Heard) {
    events.push(event)
    story.push(event)
  }
  const subscribe = (panel: unknown) => stops.push(line.subscribe(panel as 'errors', hear)) - 1
  for (const panel of panels) subscribe(panel)

  /** Panels that come and go. */
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
    story,
    /** With what the tab's earlier pages heard. */
    saga: () => [...past, ...story],
    stops,
    subscribe,
    toggle(panel: unknown) {
      const key = JSON.stringify(panel)
      if (isFixed(panel)) return
      const stop = toggled.get(key)
      if (toggled.delete(key)) return stop?.()
      // What was heard of it before does not count.
      story.push({ opens: panel } as never)
      add(panel)
    },
    /** Subscribes to what the tab had before its reload. */
    restore: () =>
      void line.restored.then((restored) => restored.filter((each) => !isFixed(each)).forEach(add)),
    /** What this page is subscribed to at the moment. */
    panels: () => [...panels, ...[...toggled.keys()].map((key) => JSON.parse(key) as string)],
    ready: () =>
      line.ready.then(
        () => 'ready',
        (error) => ({ reason: error.reason, message: error.message }),
      ),
    data: () => events.map((event) => event.data),
  }
}
