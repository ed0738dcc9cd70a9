import { onNextFrame } from './frame'

/** A state to show, in the form that `useSyncExternalStore` needs. */
export interface Store<State> {
  subscribe(onChange: () => void): () => void
  get(): State
}

/** Changes the state. The new state is shown at the next frame. */
export type Change<State> = (change: (state: State) => State) => void

/**
 * Creates a store for one component. `begin` returns its first state. `open` sends it changes while it has a subscriber.
 *
 * - All changes between two frames are shown together, at the second.
 * - To unsubscribe and subscribe again in the same tick, as StrictMode and a hot reload do, changes nothing.
 * - A later subscriber begins with a new state, because the old one lacks the changes that came in between.
 */
export function createStore<State>(
  begin: (shown?: State) => State,
  open: (change: Change<State>) => (() => void) | undefined,
): Store<State> {
  let next = begin()
  let shown = next
  let listener: (() => void) | undefined
  let stop: (() => void) | undefined

  function show() {
    if (shown === next) return
    shown = next
    listener?.()
  }

  return {
    get: () => shown,
    subscribe(onChange) {
      listener = onChange
      if (!stop) {
        next = shown = begin(shown)
        stop = open((change) => {
          next = change(next)
          onNextFrame(show)
        })
      }
      return () => {
        listener = undefined
        queueMicrotask(() => {
          if (listener) return
          stop?.()
          stop = undefined
        })
      }
    },
  }
}
