import { hashOf, type Name, nameOf, paramOf } from './address.ts'
import { element } from './dom.ts'
import { fetchHistory } from './history.ts'
import { createHead } from './panel-head.ts'
import { VIEWS } from './panels/index.ts'
import type { LineParts, View } from './panels/view.ts'
import type { Item } from './room-log.ts'
import type { RoomLogs } from './room-logs.ts'
import type { Panel, Source } from './source.ts'

export interface DashboardParts {
  readonly source: Source
  readonly logs: RoomLogs
  readonly into: HTMLElement
  readonly lineParts: LineParts | undefined
  readonly onLiveEvent: (item: Item, at: number) => void
}

/** How much history a panel fetches when it is opened, in ms. */
const HISTORY = 90_000
/** How often the head is updated, in ms. */
const HEAD_INTERVAL = 250

/** Shows one panel at a time: its live events, its recent history, and how fresh its data is. */
export function createDashboard({ source, logs, into, lineParts, onLiveEvent }: DashboardParts) {
  let stop = () => {}
  let shown: Panel = 'overview'
  let view: View | undefined
  let isDue = false

  function draw() {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      view?.render(Date.now())
    })
  }

  function show(panel: Panel) {
    stop()
    shown = panel
    const name: Name = nameOf(panel)
    const head = createHead(name, paramOf(panel))
    const shownView = VIEWS[name](logs, paramOf(panel), lineParts)
    view = shownView
    const body = element('div', { class: 'body' }, shownView.root)
    into.replaceChildren(head.root, body)
    shownView.render(Date.now())

    let isFetched = false
    /** Only the worker knows the panel's rooms: the page learns them once it has subscribed. */
    async function fetchRecent() {
      const rooms = Object.keys(source.panel(panel).rooms)
      if (isFetched || rooms.length === 0) return
      isFetched = true
      const history = await fetchHistory(rooms, Date.now() - HISTORY, Date.now()).catch(() => ({}))
      for (const [room, items] of Object.entries(history)) logs.any(room).add(items as Item[])
      draw()
    }

    const unsubscribe = source.subscribe(panel, ({ room, data, at, replayed }) => {
      const item = data as Item
      logs.any(room).add([item])
      // A later revision of an event tells nothing about how late events come.
      if (!replayed && item.revision === undefined) {
        onLiveEvent(item, at)
        head.lag(at - item.at)
      }
      void fetchRecent()
      draw()
    })
    const updateHead = () => {
      const status = source.panel(panel)
      into.dataset['state'] = status.state
      // Fetched events count too.
      const last = Math.max(
        status.lastAt ?? 0,
        ...Object.keys(status.rooms).map((room) => logs.any(room).latest?.at ?? 0),
      )
      head.render(status, last || undefined)
      void fetchRecent()
    }
    updateHead()
    const headTimer = setInterval(updateHead, HEAD_INTERVAL)
    const drawTimer = setInterval(draw, 1000)
    stop = () => {
      unsubscribe()
      clearInterval(headTimer)
      clearInterval(drawTimer)
    }
    document.title = `${hashOf(panel).slice(1)} · Partyline operations`
  }

  return { show, draw, shown: () => shown }
}
