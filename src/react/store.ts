import { withNextFrame } from './frame'

/** What a hook shows, as `useSyncExternalStore` asks for it. */
export interface Store<State> {
  subscribe(onChange: () => void): () => void
  get(): State
}

/** Changes the state; it is shown with the next frame. */
export type Change<State> = (change: (state: State) => State) => void

/**
 * A state that follows something outside for as long as somebody looks.
 *
 * - What changes between two frames is shown at once, with the second.
 * - Who stops looking and looks again in the same tick, as in StrictMode and after a hot reload, has never stopped.
 * - Who looks again later begins anew: what came meanwhile is not in the state, so it would have a hole.
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
          withNextFrame(show)
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
