import { useInsertionEffect, useSyncExternalStore } from 'react'
import type { AnyServed, PanelOf } from '../../shared/panel-types'
import { type AnyLine, usePanelMemo } from './panel-memo'
import { createStore, type Store } from './store'

/** An event of any dashboard. */
export type AnyEvent = { readonly room: string }
export type Reducer<State> = (state: State, event: AnyEvent) => State

/** Holds the state that `reduce` computes from a panel's events. `reduce` may be replaced at any time. */
interface PanelStore<State> extends Store<State> {
  reduce: Reducer<State>
}

function createPanelStore<State>(
  line: AnyLine,
  panel: PanelOf<AnyServed>,
  reduce: Reducer<State>,
  initial: State,
): PanelStore<State> {
  const store: PanelStore<State> = {
    reduce,
    ...createStore(
      () => initial,
      (change) => {
        // A closed line has no events. `useStatus` shows that it is closed, so no `error` event is needed for each component.
        if (line?.status.state === 'closed') return
        return line?.subscribe(panel, (event) => change((state) => store.reduce(state, event)))
      },
    ),
  }
  return store
}

/** Subscribes to a panel, reduces its events to a state, and returns what `select` takes from the state. */
export function usePanelReducer<State, Selected>(
  line: AnyLine,
  panel: PanelOf<AnyServed>,
  reduce: Reducer<State>,
  initial: State,
  select: (state: State) => Selected,
): Selected {
  const store = usePanelMemo(line, panel, () => createPanelStore(line, panel, reduce, initial))
  // In an effect: a render that React discards changes nothing, and a store that is replaced keeps its reducer.
  useInsertionEffect(() => {
    store.reduce = reduce
  })
  const get = () => select(store.get())
  return useSyncExternalStore(store.subscribe, get, get)
}
