import { hashOf, type Name, nameOf, paramOf } from './address.ts'
import type { Desk } from './desk.ts'
import { element } from './dom.ts'
import type { Item } from './log.ts'
import { createHead } from './panel-head.ts'
import { VIEWS } from './panels/index.ts'
import type { View } from './panels/view.ts'
import { fetchPast } from './past.ts'
import type { Panel, Source } from './source.ts'

export interface DashboardParts {
  readonly source: Source
  readonly desk: Desk
  readonly into: HTMLElement
  /** A live event came. */
  readonly heard: (item: Item, at: number) => void
}

/** How much of the past a panel shows when it is opened. */
const PAST = 90_000
const LOOK = 250

/** Shows one panel at a time: live events, what came before, and how fresh it is. */
export function createDashboard({ source, desk, into, heard }: DashboardParts) {
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
    const made = VIEWS[name](desk, paramOf(panel))
    view = made
    const body = element('div', { class: 'body' }, made.root)
    into.replaceChildren(head.root, body)
    made.render(Date.now())

    let isKnown = false
    /** The rooms are the worker's to name: they are known once the panel was opened. */
    async function recall() {
      const rooms = Object.keys(source.panel(panel).rooms)
      if (isKnown || rooms.length === 0) return
      isKnown = true
      const past = await fetchPast(rooms, Date.now() - PAST, Date.now()).catch(() => ({}))
      for (const [room, items] of Object.entries(past)) desk.any(room).add(items as Item[])
      draw()
    }

    const unsubscribe = source.subscribe(panel, ({ room, data, at, replayed }) => {
      const item = data as Item
      desk.any(room).add([item])
      if (!replayed) {
        heard(item, at)
        head.lag(at - item.at)
      }
      void recall()
      draw()
    })
    const look = () => {
      const status = source.panel(panel)
      into.dataset['state'] = status.state
      // What was fetched is as old as it is, too.
      const last = Math.max(
        status.lastAt ?? 0,
        ...Object.keys(status.rooms).map((room) => desk.any(room).latest?.at ?? 0),
      )
      head.render(status, last || undefined)
      void recall()
    }
    look()
    const looks = setInterval(look, LOOK)
    const draws = setInterval(draw, 1000)
    stop = () => {
      unsubscribe()
      clearInterval(looks)
      clearInterval(draws)
    }
    document.title = `${hashOf(panel).slice(1)} · Partyline operations`
  }

  return { show, draw, shown: () => shown }
}
