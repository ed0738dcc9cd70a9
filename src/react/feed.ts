import { useInsertionEffect, useSyncExternalStore } from 'react'
import type { AnyServed, PanelOf } from '../../shared/panel-types'
import { type AnyLine, useKept } from './kept'
import { createStore, type Store } from './store'

/** An event, whatever the dashboard. */
export type Heard = { readonly room: string }
export type Reducer<State> = (state: State, event: Heard) => State

/** What a reducer makes of a panel's events. */
interface Feed<State> extends Store<State> {
  reduce: Reducer<State>
}

function createFeed<State>(
  line: AnyLine,
  panel: PanelOf<AnyServed>,
  reduce: Reducer<State>,
  initial: State,
): Feed<State> {
  const feed: Feed<State> = {
    reduce,
    ...createStore(
      () => initial,
      (change) => {
        // A closed line has no events. `useStatus` shows that it is closed, so no `error` event is needed for each component.
        if (line?.status.state === 'closed') return
        return line?.subscribe(panel, (event) => change((state) => feed.reduce(state, event)))
      },
    ),
  }
  return feed
}

/** Follows a panel, and shows what `select` finds in the state. */
export function useFeed<State, Shown>(
  line: AnyLine,
  panel: PanelOf<AnyServed>,
  reduce: Reducer<State>,
  initial: State,
  select: (state: State) => Shown,
): Shown {
  const feed = useKept(line, panel, () => createFeed(line, panel, reduce, initial))
  // Only what React has decided to show counts, and a feed that is on its way out keeps its own.
  useInsertionEffect(() => {
    feed.reduce = reduce
  })
  const get = () => select(feed.get())
  return useSyncExternalStore(feed.subscribe, get, get)
}
